// A timer that wakes somebody, on the monitor runtime: for what waits without a thread.
#ifndef CURFEW_SRC_MONITOR_WAKE_TIMER_H
#define CURFEW_SRC_MONITOR_WAKE_TIMER_H

#include <chrono>
#include <cstdint>

#include <curfew/monitor/detail/timer.h>

#include "monitor/pieces.h"

namespace curfew::monitor {

// Used by one thread at a time. The waker must outlive it.
class WakeTimer final : private detail::Timer {
  public:
    explicit WakeTimer(Waker& waker) noexcept : waker_(waker) {}
    ~WakeTimer() { disarm(); }

    // In place of what it was armed for before. False if the runtime cannot be started: then nobody is woken.
    bool arm(std::chrono::steady_clock::time_point time) noexcept;

    // When it returns, the waker is not being called by this, and will not be.
    void disarm() noexcept;

  private:
    bool claim_expiry() noexcept override;
    void expire() noexcept override {}

    Waker& waker_;
    bool armed_ = false;  // perhaps expired since
    std::uint64_t forks_ = 0;
};

}  // namespace curfew::monitor

#endif
