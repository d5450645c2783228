
#include <curfew/monitor/invocation.h>

#include "monitor/runtime/shared_runtime.h"

namespace curfew {

// The wall clock is read before the CPU clock, so that the CPU time used is never more than the wall time
// passed.
Invocation::Invocation(std::string_view handler, const CpuClock& clock, UsageMeter& meter, MonitorObserver* observer,
                       const Usage& before) noexcept
    : handler_(handler),
      begun_(std::chrono::steady_clock::now()),
      start_(begun_ - before.wall_time),
      cpu_time_before_(before.cpu_time + before.host_cpu_time),
      clock_(&clock),
      meter_(&meter),
      observer_(observer),
      cpu_at_start_(clock.now()) {
    if (cpu_at_start_) *cpu_at_start_ -= before.cpu_time;
}

// `now` is what the clock says.
std::optional<std::chrono::nanoseconds> Invocation::guest_cpu_time(
    std::optional<std::chrono::nanoseconds> now) const noexcept {
    if (!cpu_at_start_ || !now) return std::nullopt;
    const auto used = *now - *cpu_at_start_;
    last_cpu_.store(used.count(), std::memory_order_relaxed);
    return used;
}

std::optional<std::chrono::nanoseconds> Invocation::cpu_time() const noexcept {
    const auto guest = guest_cpu_time(clock_->now_while_running());
    const auto host = meter_->host_cpu_time();
    if (!guest || !host) return std::nullopt;
    return *guest + *host;
}

Usage Invocation::used() const noexcept {
    Usage usage = meter_->snapshot();
    usage.wall_time = std::chrono::steady_clock::now() - start_;
    usage.cpu_time =
        guest_cpu_time(clock_->now()).value_or(std::chrono::nanoseconds(last_cpu_.load(std::memory_order_relaxed)));
    return usage;
}

std::stop_token Invocation::stop_token() const {
    {
        const monitor::detail::Lock lock(stop_mutex_);
        if (!stop_source_.stop_possible()) {
            stop_source_ = std::stop_source();
            if (runtime_ != nullptr && runtime_->executor().ensure_started()) {
                static_cast<void>(stop_source_.request_stop());  // nobody could request it later
            } else {
                has_stop_source_.store(true, std::memory_order_seq_cst);
            }
        }
    }
    if (cancelled()) static_cast<void>(stop_source_.request_stop());
    return stop_source_.get_token();
}

}  // namespace curfew
