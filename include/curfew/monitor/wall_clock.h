// WallClockMonitor ("wall-clock"): ends an invocation that takes too long, whatever it does meanwhile.
//
// Measures: steady_clock time. Changes of the system clock do not matter; time in which the machine is suspended does
// not count.
//
// From when: Invocation::start(), which is before the first monitor's get_monitor.
//
// Exactness: never early; late by the wake-up latency of a thread, usually below 0.1 ms on an idle machine.
//
// Cost: arming and disarming one timer, about 0.1 us a call. A running invocation costs nothing.
//
// Does not catch: one that burns CPU time on many cores or in many short calls. And it is unfair on a loaded machine,
// where wall-clock time passes without the handler getting on.
//
// Pair it with: CpuTimeMonitor.
#ifndef CURFEW_MONITOR_WALL_CLOCK_H
#define CURFEW_MONITOR_WALL_CLOCK_H

#include <curfew/language.h>

#include <chrono>
#include <string>
#include <string_view>

#include <curfew/base/saturate.h>
#include <curfew/export.h>
#include <curfew/monitor/execution_monitor.h>

namespace curfew {

class CURFEW_EXPORT WallClockMonitor {
  public:
    // std::chrono::nanoseconds::max(), and what does not fit into nanoseconds, is no limit. Throws
    // std::invalid_argument for zero and less.
    template <typename Rep, typename Period>
    explicit WallClockMonitor(std::chrono::duration<Rep, Period> limit)
        : WallClockMonitor(Checked{}, base::saturate(limit)) {}

    // The same limit, but time spent in host calls does not count (UsageMeter::host_call_time). While a host
    // call lasts the monitor sleeps, and goes on when it returns; one that never returns is not ended. Costs
    // one wake-up of the runtime per limit of wall-clock time, more when host calls take most of it.
    [[nodiscard]] WallClockMonitor excluding_host_calls() const noexcept;

    // The same limit, but time in which the invocation waits as a PendingInvocation does not count
    // (UsageMeter::pause_time): for answers that people give. The monitor sleeps meanwhile; an invocation that nobody goes on
    // with is not ended. Waiting inside of a handle_event() counts, since that holds a thread. May be combined with the other.
    [[nodiscard]] WallClockMonitor excluding_pauses() const noexcept;

    std::chrono::nanoseconds limit() const noexcept { return limit_; }

    [[nodiscard]] Result<MonitorTask> get_monitor(const Invocation& call) const;
    std::string_view name() const noexcept { return "wall-clock"; }
    std::string describe() const;

  private:
    struct Checked {};
    WallClockMonitor(Checked, std::chrono::nanoseconds limit);

    std::chrono::nanoseconds limit_;
    bool excluding_host_calls_ = false;
    bool excluding_pauses_ = false;
};

static_assert(ExecutionMonitor<WallClockMonitor>);

}  // namespace curfew

#endif
