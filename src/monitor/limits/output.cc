#include <curfew/monitor/output.h>

#include "monitor/limits/limits.h"
#include "monitor/text.h"

namespace curfew {

using monitor::detail::Builtin;

namespace {

MonitorTask watch(Builtin, const Invocation& call, std::uint64_t limit) {
    co_await call.usage().exceeds(Counter::output, limit);
}

}  // namespace

OutputMonitor::OutputMonitor(Checked, std::uint64_t limit)
    : limit_(monitor::detail::positive_limit("OutputMonitor", limit)) {}

Result<MonitorTask> OutputMonitor::get_monitor(const Invocation& call) const { return watch(Builtin{}, call, limit_); }

std::string OutputMonitor::describe() const { return monitor::detail::bytes_text(limit_) + " of output"; }

}  // namespace curfew
