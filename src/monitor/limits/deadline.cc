#include <stdexcept>

#include <curfew/monitor/deadline.h>
#include <curfew/monitor/wait.h>

namespace curfew {

using curfew::base::saturate;
using curfew::base::saturating_add;
using monitor::detail::Builtin;
using std::chrono::steady_clock;
using std::chrono::system_clock;

namespace {

MonitorTask watch(Builtin, steady_clock::time_point start, steady_clock::time_point deadline) {
    if (start >= deadline) co_return;
    co_await monitor::sleep_until(deadline);
}

MonitorTask watch(Builtin, system_clock::time_point deadline) {
    for (;;) {
        const system_clock::time_point now = system_clock::now();
        if (now >= deadline) co_return;
        const auto left =
            deadline == system_clock::time_point::max() ? std::chrono::nanoseconds::max() : saturate(deadline - now);
        co_await monitor::sleep_until(saturating_add(steady_clock::now(), left));
    }
}

template <typename TimePoint>
TimePoint set(TimePoint deadline) {
    if (deadline != TimePoint()) return deadline;
    throw std::invalid_argument(
        "DeadlineMonitor: the deadline is the clock's epoch, so it was probably never set; give a point in "
        "time, or "
        "time_point::max() for no limit");
}

}  // namespace

DeadlineMonitor::DeadlineMonitor(steady_clock::time_point deadline) : steady_(set(deadline)) {}
DeadlineMonitor::DeadlineMonitor(system_clock::time_point deadline) : system_(set(deadline)) {}

Result<MonitorTask> DeadlineMonitor::get_monitor(const Invocation& call) const {
    if (steady_) return watch(Builtin{}, call.start(), *steady_);
    return watch(Builtin{}, *system_);
}

}  // namespace curfew
