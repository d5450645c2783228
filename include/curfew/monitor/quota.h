// QuotaMonitor ("quota"): a CPU budget that many invocations share, for one tenant say.
//
//     const QuotaMonitor tenant(100ms, 1s);  // at most 100 ms of CPU time in any second, for all calls together
//
// Measures: the CPU time of all invocations that run under this monitor and its copies (Invocation::cpu_time). In any
// span of `period` they may use `budget` together. What was used comes back a period later, in steps of a 32nd of the
// period.
//
// From when: the monitor's construction, for all; each invocation's from its start.
//
// An invocation runs on as long as there is budget. When it is used up all that run are ended, and what starts then
// is not run. Long invocations are not privileged: they are given the budget in portions, and unused portions return
// to the others.
//
// Fair: callers (threads) that the quota has held back, by ending or not starting their invocations, have equal
// claims for the next period. While there are such callers, everyone who calls may use his equal part of the budget
// in any period, and no more. Who used more in the present one gets that much less. As long as nobody is held back,
// who comes first may use all.
//
// Exactness: the budget is exceeded by at most the wake-up latency of a thread per running invocation; that much less
// there is in the next period, so the average holds. What remains is not divided further than a 1000th of the budget
// (20 us to 1 ms).
//
// Cost: for each call a lock of the budget at its start and at its end, and a reading of the CPU clock at its end.
//
// Does not catch: invocations that wait.
//
// Pair it with: WallClockMonitor, and with CpuTimeMonitor for a limit per invocation.
//
// Forks: a child has a copy of the budget, without what invocations of the parent hold of it.
#ifndef CURFEW_MONITOR_QUOTA_H
#define CURFEW_MONITOR_QUOTA_H

#include <curfew/language.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <curfew/base/saturate.h>
#include <curfew/export.h>
#include <curfew/monitor/execution_monitor.h>

namespace curfew {

namespace monitor::detail {
class Budget;
}

// Copies share one budget. Thread-safe. One that was moved from fails to start.
class CURFEW_EXPORT QuotaMonitor {
  public:
    // Throws std::invalid_argument if one of both is zero or less. std::chrono::nanoseconds::max() as the
    // budget is no limit.
    template <typename Rep1, typename Period1, typename Rep2, typename Period2>
    QuotaMonitor(std::chrono::duration<Rep1, Period1> budget, std::chrono::duration<Rep2, Period2> period)
        : QuotaMonitor(Checked{}, base::saturate(budget), base::saturate(period)) {}

    // What could be used now by a caller that nobody competes with.
    [[nodiscard]] std::chrono::nanoseconds available() const;

    [[nodiscard]] Result<MonitorTask> get_monitor(const Invocation& call) const;
    std::string_view name() const noexcept { return "quota"; }
    std::string describe() const;

  private:
    struct Checked {};
    QuotaMonitor(Checked, std::chrono::nanoseconds budget, std::chrono::nanoseconds period);

    std::shared_ptr<monitor::detail::Budget> budget_;
};

static_assert(ExecutionMonitor<QuotaMonitor>);

}  // namespace curfew

#endif
