// DeadlineMonitor ("deadline"): ends an invocation at a point in time, whenever it began. For requests that must be
// answered by then: one deadline serves all the calls that a request makes.
//
// Measures: the clock of the deadline. A system_clock deadline is translated when the invocation starts, and checked
// again when it is due; if the system clock is set forward meanwhile, the invocation ends late by that much.
//
// From when: always. After the deadline nothing is run at all.
//
// Exactness: never early; late by the wake-up latency of a thread, usually below 0.1 ms on an idle machine.
//
// Cost: arming and disarming one timer, about 0.1 us a call.
//
// Does not catch: what WallClockMonitor does not catch.
//
// Pair it with: CpuTimeMonitor.
#ifndef CURFEW_MONITOR_DEADLINE_H
#define CURFEW_MONITOR_DEADLINE_H

#include <curfew/language.h>

#include <chrono>
#include <optional>
#include <string_view>

#include <curfew/export.h>
#include <curfew/monitor/execution_monitor.h>

namespace curfew {

class CURFEW_EXPORT DeadlineMonitor {
  public:
    // time_point::max() is no limit. A time in the past is a deadline that has passed: nothing runs. Throws
    // std::invalid_argument for the clock's epoch, which is a time_point that was never set.
    explicit DeadlineMonitor(std::chrono::steady_clock::time_point deadline);
    explicit DeadlineMonitor(std::chrono::system_clock::time_point deadline);

    [[nodiscard]] Result<MonitorTask> get_monitor(const Invocation& call) const;
    std::string_view name() const noexcept { return "deadline"; }

  private:
    std::optional<std::chrono::steady_clock::time_point> steady_;  // exactly one of both is set
    std::optional<std::chrono::system_clock::time_point> system_;
};

static_assert(ExecutionMonitor<DeadlineMonitor>);

}  // namespace curfew

#endif
