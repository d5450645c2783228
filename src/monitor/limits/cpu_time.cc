#include <stdexcept>

#include <curfew/monitor/cpu_time.h>
#include <curfew/monitor/wait.h>

#include "base/quantity_text.h"
#include "monitor/limits/limits.h"
#include "monitor/limits/pacing.h"

namespace curfew {

using curfew::base::saturating_add;
using monitor::detail::Builtin;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

namespace {

// Nothing has been used at the invocation's start, so the first reading is due a whole limit later: a call
// that ends within its limit is not read at all. One that waits uses nothing, so it is not read again before it goes on.
MonitorTask watch(Builtin, const Invocation& call, nanoseconds limit) {
    const unsigned speed = call.cpu_parallelism();
    monitor::detail::Pacing pacing(limit / speed);
    steady_clock::time_point last = call.start();
    nanoseconds last_used{};
    steady_clock::time_point next =
        limit == nanoseconds::max() ? steady_clock::time_point::max() : saturating_add(last, limit / speed);
    for (;;) {
        co_await monitor::sleep_until(next);
        steady_clock::time_point now = steady_clock::now();
        const UsageMeter::PauseTime pause = call.usage().pause_time(now);
        const std::optional<nanoseconds> used = call.cpu_time();
        if (!used)
            throw std::runtime_error("the CPU clock can no longer be read; is the process that it measures gone?");
        const nanoseconds left = limit - *used;
        if (left <= nanoseconds::zero()) co_return;
        const nanoseconds wait = pacing.next(left / speed, (*used - last_used) / speed, now - last);
        if (pause.paused) {
            co_await call.usage().exceeds(Counter::pauses_finished, pause.finished);
            now = steady_clock::now();
        }
        next = saturating_add(now, wait);
        last = now;
        last_used = *used;
    }
}

}  // namespace

CpuTimeMonitor::CpuTimeMonitor(Checked, nanoseconds limit)
    : limit_(monitor::detail::positive_limit("CpuTimeMonitor", limit)) {}

Result<MonitorTask> CpuTimeMonitor::get_monitor(const Invocation& call) const {
    if (!call.can_measure_cpu_time()) {
        Error error;
        error.code = ErrorCode::unavailable;
        error.message =
            "the CPU time of this invocation cannot be measured; give supervise a CpuClock that can be "
            "read, or limit wall-clock time instead";
        return std::unexpected(std::move(error));
    }
    return watch(Builtin{}, call, limit_);
}

std::string CpuTimeMonitor::describe() const { return base::duration_text(limit_) + " of CPU time"; }

}  // namespace curfew
