// MemoryMonitor ("memory"): ends an invocation that has too much memory allocated at one time.
//
// Measures: Counter::heap of the invocation's UsageMeter: the bytes that are allocated on the guest's heap, as who
// runs the guest reports them. Memory that is freed counts no more.
//
// From when: the call's start. What earlier calls have left on the heap counts too.
//
// Exactness: to the report that shows the limit exceeded. A guest reports in the middle of the allocation that passes
// the lowest limit (see UsageMeter::next_threshold) of those that monitors waited for when it was given the turn, and
// at every host call.
//
// Cost: no timer, no wake-up; about 0.05 us a call.
//
// Does not catch: memory outside the guest's heap, or a guest whose native code was taken over and lies; the size of
// the sandbox's heap bounds that one.
//
// Pair it with: WallClockMonitor and CpuTimeMonitor.
#ifndef CURFEW_MONITOR_MEMORY_H
#define CURFEW_MONITOR_MEMORY_H

#include <curfew/language.h>

#include <string_view>

#include <curfew/monitor/detail/counting.h>

namespace curfew {

class MemoryMonitor : public monitor::detail::CountingMonitor<Counter::heap> {
  public:
    // MemoryMonitor(limit), for any integral type. That many bytes may be allocated, one more ends the
    // invocation. The largest std::uint64_t is no limit. Throws std::invalid_argument for zero and less.
    using CountingMonitor::CountingMonitor;

    // limit(), get_monitor() and describe() are CountingMonitor's.
    std::string_view name() const noexcept { return "memory"; }
};

static_assert(ExecutionMonitor<MemoryMonitor>);

}  // namespace curfew

#endif
