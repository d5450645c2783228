// StopTokenMonitor ("stop-token"): ends an invocation when a std::stop_source says so. For hosts that cancel requests,
// shut down, or run handlers in a std::jthread.
//
// Measures: nothing; it waits for std::stop_source::request_stop().
//
// From when: always. If the stop was requested before the call, nothing is run.
//
// Exactness: decided on the thread that requests the stop, before request_stop() returns; the interrupt follows on a
// thread of the runtime.
//
// Cost: no timer, no wake-up; registering with the stop source, about 0.1 us a call.
//
// Does not catch: anything by itself.
//
// Pair it with: WallClockMonitor.
#ifndef CURFEW_MONITOR_STOP_TOKEN_H
#define CURFEW_MONITOR_STOP_TOKEN_H

#include <curfew/language.h>

#include <stop_token>
#include <string_view>
#include <utility>

#include <curfew/export.h>
#include <curfew/monitor/execution_monitor.h>

namespace curfew {

class CURFEW_EXPORT StopTokenMonitor {
  public:
    // A token that no source can stop is no limit.
    explicit StopTokenMonitor(std::stop_token token) noexcept : token_(std::move(token)) {}

    // Moving copies: one that was moved from would have no token, and so no limit.
    StopTokenMonitor(const StopTokenMonitor&) noexcept = default;
    StopTokenMonitor& operator=(const StopTokenMonitor&) noexcept = default;

    [[nodiscard]] Result<MonitorTask> get_monitor(const Invocation& call) const;
    std::string_view name() const noexcept { return "stop-token"; }

  private:
    std::stop_token token_;
};

static_assert(ExecutionMonitor<StopTokenMonitor>);

}  // namespace curfew

#endif
