#include <curfew/monitor/host_calls.h>

#include "monitor/limits/limits.h"
#include "monitor/text.h"

namespace curfew {

using monitor::detail::Builtin;

namespace {

MonitorTask watch(Builtin, const Invocation& call, std::uint64_t limit) {
    co_await call.usage().exceeds(Counter::host_calls, limit);
}

}  // namespace

HostCallMonitor::HostCallMonitor(Checked, std::uint64_t limit)
    : limit_(monitor::detail::positive_limit("HostCallMonitor", limit)) {}

Result<MonitorTask> HostCallMonitor::get_monitor(const Invocation& call) const {
    return watch(Builtin{}, call, limit_);
}

std::string HostCallMonitor::describe() const {
    return std::to_string(limit_) + (limit_ == 1 ? " host call" : " host calls");
}

}  // namespace curfew
