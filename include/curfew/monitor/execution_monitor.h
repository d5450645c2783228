// The contract of an execution monitor: what a user implements to put a limit on an invocation.
//
//     class TimeoutMonitor {
//       public:
//         Result<MonitorTask> get_monitor(const Invocation&) const { return watch(timeout_); }
//         std::string_view name() const noexcept { return "timeout"; }
//       private:
//         static MonitorTask watch(std::chrono::nanoseconds timeout) { co_await monitor::sleep(timeout); }
//         std::chrono::nanoseconds timeout_;
//     };
//
// Two phases. get_monitor runs on the thread that makes the call, before the handler: here a monitor captures
// what belongs to that thread. It returns a MonitorTask, which runs on the monitor runtime's threads while
// the handler does. Completing the task ends the invocation.
//
// Fail closed. When get_monitor returns an error or throws, the handler is not run. A task that throws later
// ends the invocation.
//
// Threads: one monitor object may serve any number of invocations at once, so get_monitor must be
// thread-safe. The monitor must outlive the call.
//
// Optional: a member describe() that returns a string with the limit ("500 ms of CPU time"), for error messages, which
// then advise to raise it. A monitor whose limit is nothing that can be raised, such as a flag, has none.
#ifndef CURFEW_MONITOR_EXECUTION_MONITOR_H
#define CURFEW_MONITOR_EXECUTION_MONITOR_H

#include <curfew/language.h>

#include <concepts>
#include <string_view>

#include <curfew/error.h>
#include <curfew/monitor/invocation.h>
#include <curfew/monitor/task.h>

namespace curfew {

template <typename M>
concept ExecutionMonitor = requires(const M& monitor, const Invocation& call) {
    { monitor.get_monitor(call) } -> std::same_as<Result<MonitorTask>>;
    { monitor.name() } noexcept -> std::convertible_to<std::string_view>;
};

}  // namespace curfew

#endif
