#include <curfew/monitor/wait.h>
#include <curfew/monitor/wall_clock.h>

#include "base/quantity_text.h"
#include "monitor/limits/limits.h"
#include "monitor/limits/pacing.h"

namespace curfew {

using curfew::base::saturating_add;
using monitor::detail::Builtin;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

namespace {

MonitorTask watch_all(Builtin, steady_clock::time_point end) { co_await monitor::sleep_until(end); }

struct Excluded {
    bool host_calls;
    bool pauses;
};

MonitorTask watch_without(Builtin, const Invocation& call, nanoseconds limit, Excluded excluded) {
    monitor::detail::Pacing pacing(limit);
    steady_clock::time_point last = call.start();
    nanoseconds last_left = limit;
    steady_clock::time_point next = saturating_add(last, limit);
    for (;;) {
        co_await monitor::sleep_until(next);
        const steady_clock::time_point now = steady_clock::now();
        UsageMeter::HostCallTime host{};
        UsageMeter::PauseTime pause{};
        if (excluded.host_calls) host = call.usage().host_call_time(now);
        if (excluded.pauses) pause = call.usage().pause_time(now);
        const nanoseconds left = limit - (now - call.start() - host.spent - pause.spent);
        if (left <= nanoseconds::zero()) co_return;
        if (host.in_call) co_await call.usage().exceeds(Counter::host_calls_finished, host.finished);
        if (pause.paused) co_await call.usage().exceeds(Counter::pauses_finished, pause.finished);
        next = saturating_add(steady_clock::now(), pacing.next(left, last_left - left, now - last));
        last = now;
        last_left = left;
    }
}

}  // namespace

WallClockMonitor::WallClockMonitor(Checked, nanoseconds limit)
    : limit_(monitor::detail::positive_limit("WallClockMonitor", limit)) {}

WallClockMonitor WallClockMonitor::excluding_host_calls() const noexcept {
    WallClockMonitor copy = *this;
    copy.excluding_host_calls_ = true;
    return copy;
}

WallClockMonitor WallClockMonitor::excluding_pauses() const noexcept {
    WallClockMonitor copy = *this;
    copy.excluding_pauses_ = true;
    return copy;
}

Result<MonitorTask> WallClockMonitor::get_monitor(const Invocation& call) const {
    if (excluding_host_calls_ || excluding_pauses_) {
        return watch_without(Builtin{}, call, limit_,
                             {.host_calls = excluding_host_calls_, .pauses = excluding_pauses_});
    }
    return watch_all(Builtin{}, saturating_add(call.start(), limit_));
}

std::string WallClockMonitor::describe() const {
    return base::duration_text(limit_) + " of wall-clock time" +
           (excluding_host_calls_ && excluding_pauses_ ? ", host calls and pauses excluded"
            : excluding_host_calls_                    ? ", host calls excluded"
            : excluding_pauses_                        ? ", pauses excluded"
                                                       : "");
}

}  // namespace curfew
