// OutputMonitor ("output"): ends an invocation that puts out too much.
//
// Measures: bytes printed, each text as 16 at least (Usage::bytes_printed), and bytes passed out of the guest: its result
// and the arguments of host calls (Counter::output of the invocation's UsageMeter).
//
// From when: the call's start.
//
// Exactness: to the piece of output that exceeds the limit: who passes it on counts it first, and looks at
// Invocation::cancelled() then, so that this piece goes no further.
//
// Cost: no timer, no wake-up; about 0.05 us a call, nothing per piece of output.
//
// Does not catch: an invocation that computes for ever and says nothing.
//
// Pair it with: HostCallMonitor (many empty calls), WallClockMonitor and CpuTimeMonitor.
#ifndef CURFEW_MONITOR_OUTPUT_H
#define CURFEW_MONITOR_OUTPUT_H

#include <curfew/language.h>

#include <string_view>

#include <curfew/monitor/detail/counting.h>

namespace curfew {

class OutputMonitor : public monitor::detail::CountingMonitor<Counter::output> {
  public:
    // OutputMonitor(limit), for any integral type. That many bytes may be put out, one more ends the
    // invocation. The largest std::uint64_t is no limit. Throws std::invalid_argument for zero and less.
    using CountingMonitor::CountingMonitor;

    // limit(), get_monitor() and describe() are CountingMonitor's.
    std::string_view name() const noexcept { return "output"; }
};

static_assert(ExecutionMonitor<OutputMonitor>);

}  // namespace curfew

#endif
