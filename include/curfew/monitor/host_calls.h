// HostCallMonitor ("host-calls"): ends an invocation that calls the host too often.
//
// Measures: host calls begun (Counter::host_calls of the invocation's UsageMeter).
//
// From when: the call's start.
//
// Exactness: exact. The call over the limit is decided before its host function runs, on the calling thread: who
// dispatches host calls looks at Invocation::cancelled() after counting.
//
// Cost: no timer, no wake-up; about 0.05 us a call, nothing per host call.
//
// Does not catch: few calls that are slow or large.
//
// Pair it with: OutputMonitor, WallClockMonitor and CpuTimeMonitor.
#ifndef CURFEW_MONITOR_HOST_CALLS_H
#define CURFEW_MONITOR_HOST_CALLS_H

#include <curfew/language.h>

#include <string_view>

#include <curfew/monitor/detail/counting.h>

namespace curfew {

class HostCallMonitor : public monitor::detail::CountingMonitor<Counter::host_calls> {
  public:
    // HostCallMonitor(limit), for any integral type. That many calls may be made, one more ends the
    // invocation. The largest std::uint64_t is no limit. Throws std::invalid_argument for zero and less.
    using CountingMonitor::CountingMonitor;

    // limit(), get_monitor() and describe() are CountingMonitor's.
    std::string_view name() const noexcept { return "host-calls"; }
};

static_assert(ExecutionMonitor<HostCallMonitor>);

}  // namespace curfew

#endif
