#include <curfew/monitor/memory.h>

#include "monitor/limits/limits.h"
#include "monitor/text.h"

namespace curfew {

using monitor::detail::Builtin;

namespace {

MonitorTask watch(Builtin, const Invocation& call, std::uint64_t limit) {
    co_await call.usage().exceeds(Counter::heap, limit);
}

}  // namespace

MemoryMonitor::MemoryMonitor(Checked, std::uint64_t limit)
    : limit_(monitor::detail::positive_limit("MemoryMonitor", limit)) {}

Result<MonitorTask> MemoryMonitor::get_monitor(const Invocation& call) const { return watch(Builtin{}, call, limit_); }

std::string MemoryMonitor::describe() const { return monitor::detail::bytes_text(limit_) + " of heap"; }

}  // namespace curfew
