#include <curfew/monitor/detail/counting.h>

#include "base/quantity_text.h"
#include "monitor/limits/limits.h"

namespace curfew::monitor::detail {

namespace {

MonitorTask watch(Builtin, const Invocation& call, Counter counter, std::uint64_t limit) {
    co_await call.usage().exceeds(counter, limit);
}

const char* class_of(Counter counter) noexcept {
    switch (counter) {
        case Counter::host_calls: return "HostCallMonitor";
        case Counter::output: return "OutputMonitor";
        case Counter::heap: return "MemoryMonitor";
        default: return "monitor";
    }
}

}  // namespace

std::uint64_t checked_count(Counter counter, std::uint64_t limit) { return positive_limit(class_of(counter), limit); }

MonitorTask watch_count(const Invocation& call, Counter counter, std::uint64_t limit) {
    return watch(Builtin{}, call, counter, limit);
}

std::string count_text(Counter counter, std::uint64_t limit) {
    switch (counter) {
        case Counter::host_calls: return std::to_string(limit) + (limit == 1 ? " host call" : " host calls");
        case Counter::output: return base::size_text(limit) + " of output";
        case Counter::heap: return base::size_text(limit) + " of heap";
        default: return std::to_string(limit);
    }
}

}  // namespace curfew::monitor::detail
