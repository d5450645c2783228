#include "monitor/wake_timer.h"

#include "base/forks.h"
#include "monitor/runtime/shared_runtime.h"

namespace curfew::monitor {

bool WakeTimer::arm(std::chrono::steady_clock::time_point time) noexcept {
    disarm();
    try {
        const auto runtime = detail::SharedRuntime::get();
        if (!runtime) return false;
        forks_ = base::forks();
        armed_ = true;
        return (*runtime)->shard_of_this_thread().arm(*this, time.time_since_epoch().count(), [] { return true; });
    } catch (const std::exception&) {
        return false;  // no memory for the runtime's start, or for saying why it failed
    }
}

// In a child the shard is the parent's, and nobody expires its timers.
void WakeTimer::disarm() noexcept {
    if (armed_ && forks_ == base::forks()) detail::TimerShard::disarm(*this);
    armed_ = false;
}

// With the shard's lock, so that disarm() waits for it.
bool WakeTimer::claim_expiry() noexcept {
    waker_.wake();
    return false;
}

}  // namespace curfew::monitor
