// SoftMonitor: any monitor as one that warns and lets go on.
//
//     const auto notice = SoftMonitor(WallClockMonitor(800ms), [](const monitor::Warning& warning) { ... });
//     supervise(std::tuple{notice, WallClockMonitor(1s)}, interrupt, work);  // notice before the end
//
// When the inner monitor fires, the callback is called, and then MonitorObserver::warned (log and metric), once per
// invocation. The invocation goes on. So it does when the inner monitor can no longer measure, or the callback
// throws: the warning's message says so. But a soft monitor that fails to start is a failure like any other: the work
// is not run.
//
// Measures, from when, exactness: as the inner monitor.
//
// Cost: that of the inner monitor and a second coroutine frame. Callbacks run on a thread of the runtime that may
// block; when the limit was exceeded before the start, on the calling thread. A callback that blocks delays the
// return of its own invocation, nothing else.
//
// Does not catch: anything; it only tells. Pair it with a hard monitor.
//
// Its name is the inner monitor's. It never replaces a hard monitor of the same name (SuperviseOptions::defaults).
#ifndef CURFEW_MONITOR_SOFT_H
#define CURFEW_MONITOR_SOFT_H

#include <curfew/language.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <curfew/callback.h>
#include <curfew/export.h>
#include <curfew/monitor/detail/monitor_traits.h>
#include <curfew/monitor/execution_monitor.h>
#include <curfew/monitor/observer.h>
#include <curfew/monitor/wait.h>

namespace curfew {

namespace monitor::detail {

using WarningCallback = Callback<void(const Warning&)>;

// `problem` is empty if the monitor fired as it should.
CURFEW_EXPORT void warn(const Invocation& call, const MonitorTraits& traits, const void* monitor,
                        const std::string& problem, const WarningCallback& callback) noexcept;

}  // namespace monitor::detail

template <ExecutionMonitor M>
class SoftMonitor {
  public:
    // The callback may be empty: then only the observer is told.
    explicit SoftMonitor(M monitor, monitor::detail::WarningCallback callback = {})
        : monitor_(std::move(monitor)), callback_(std::move(callback)) {}

    [[nodiscard]] Result<MonitorTask> get_monitor(const Invocation& call) const {
        Result<MonitorTask> inner = monitor_.get_monitor(call);
        if (!inner) return inner;
        return watch(*this, call, std::move(*inner));
    }
    auto name() const noexcept { return monitor_.name(); }
    std::string describe() const { return monitor::detail::traits_of<M>().describe(&monitor_); }
    bool soft() const noexcept { return true; }

  private:
    static MonitorTask watch(const SoftMonitor& self, const Invocation& call, MonitorTask inner) {
        const bool in_first_step = inner.done();
        std::string problem;
        try {
            co_await std::move(inner);
        } catch (const std::exception& e) {
            if (in_first_step) throw;
            problem = e.what();
        } catch (...) {
            if (in_first_step) throw;
            problem = "an exception that is no std::exception";
        }
        monitor::detail::warn(call, monitor::detail::traits_of<M>(), &self.monitor_, problem, self.callback_);
        co_await monitor::forever();
    }

    M monitor_;
    monitor::detail::WarningCallback callback_;
};

}  // namespace curfew

#endif
