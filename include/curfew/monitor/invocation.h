// Invocation: what a monitor may know of the one run that it watches. It is made by supervise (and so by
// every call of a sandbox) before the first monitor starts, and outlives every MonitorTask that watches it.
#ifndef CURFEW_MONITOR_INVOCATION_H
#define CURFEW_MONITOR_INVOCATION_H

#include <curfew/language.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <stop_token>
#include <string_view>

#include <curfew/export.h>
#include <curfew/monitor/cpu_clock.h>
#include <curfew/monitor/detail/mutex.h>
#include <curfew/monitor/usage_meter.h>

namespace curfew {

namespace monitor::detail {
class SharedRuntime;
class Supervision;
}  // namespace monitor::detail

class MonitorObserver;

// All functions may be called from any thread while the invocation lasts.
class CURFEW_EXPORT Invocation {
  public:
    Invocation(const Invocation&) = delete;
    Invocation& operator=(const Invocation&) = delete;

    // Who is supervised: the handler's name, or what the caller of supervise gave; may be empty.
    std::string_view handler() const noexcept { return handler_; }

    // When supervision began: before the first monitor's get_monitor. Limits count from here. Of an invocation that goes on
    // from a snapshot, earlier by the wall time that it had used until then.
    std::chrono::steady_clock::time_point start() const noexcept { return start_; }

    // When supervision began in this process, and the CPU time that had been used before that. The same as start(), and
    // nothing, unless it goes on from a snapshot.
    std::chrono::steady_clock::time_point begun() const noexcept { return begun_; }
    std::chrono::nanoseconds cpu_time_before() const noexcept { return cpu_time_before_; }

    // CPU time used since start(): of the guest, and of host functions on its behalf. Nothing when it cannot
    // be measured. Exact (CpuClock::now_while_running); a reading takes some microseconds.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> cpu_time() const noexcept;

    // Whether the CPU clock could be read when the invocation began. Costs nothing.
    bool can_measure_cpu_time() const noexcept { return cpu_at_start_.has_value(); }

    // Upper bound of the CPU time that can pass in one unit of wall time (see CpuClock::parallelism).
    unsigned cpu_parallelism() const noexcept { return clock_->parallelism(); }

    // Live counters: host calls, bytes in, out and printed, heap.
    const UsageMeter& usage() const noexcept { return *meter_; }

    // Everything used so far, times included.
    [[nodiscard]] Usage used() const noexcept;

    // Who is told what its monitors do, besides the process's observers (SuperviseOptions::observer); may be null.
    MonitorObserver* observer() const noexcept { return observer_; }

    // Whether a monitor or a kill has ended this invocation. What runs inside it should come to an end then.
    [[nodiscard]] bool cancelled() const noexcept { return cancelled_.load(std::memory_order_seq_cst); }

    // The same for things that wait: host functions get this token. Callbacks registered with it run on a
    // thread of the runtime that may block, and are done before the call returns.
    [[nodiscard]] std::stop_token stop_token() const;

  private:
    friend class monitor::detail::Supervision;
    // `before`: what it had used before it went on here.
    Invocation(std::string_view handler, const CpuClock& clock, UsageMeter& meter, MonitorObserver* observer,
               const Usage& before = {}) noexcept;

    std::string_view handler_;
    std::chrono::steady_clock::time_point begun_;
    std::chrono::steady_clock::time_point start_;
    std::chrono::nanoseconds cpu_time_before_;
    const CpuClock* clock_;
    UsageMeter* meter_;
    MonitorObserver* observer_;
    std::optional<std::chrono::nanoseconds> guest_cpu_time(std::optional<std::chrono::nanoseconds> now) const noexcept;

    std::optional<std::chrono::nanoseconds> cpu_at_start_;
    mutable std::atomic<std::int64_t> last_cpu_{0};  // latest reading, for when the clock is gone at the end

    monitor::detail::SharedRuntime* runtime_ = nullptr;  // null if nothing monitors the invocation

    std::atomic<bool> cancelled_{false};
    // Made when first asked for. Whoever cancels sets cancelled_ and then reads has_stop_source_; whoever
    // makes the source does it the other way round: one of both sees the other and requests the stop.
    mutable monitor::detail::Mutex stop_mutex_;  // of who makes the source
    mutable std::stop_source stop_source_{std::nostopstate};
    mutable std::atomic<bool> has_stop_source_{false};
};

}  // namespace curfew

#endif
