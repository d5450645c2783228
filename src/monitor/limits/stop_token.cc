#include <curfew/monitor/stop_token.h>
#include <curfew/monitor/wait.h>

namespace curfew {

using monitor::detail::Builtin;

namespace {

MonitorTask watch(Builtin, std::stop_token token) { co_await monitor::stopped(std::move(token)); }

}  // namespace

Result<MonitorTask> StopTokenMonitor::get_monitor(const Invocation&) const { return watch(Builtin{}, token_); }

}  // namespace curfew
