// What the copies of a KillSwitch share.
#ifndef CURFEW_SRC_MONITOR_KILL_STATE_H
#define CURFEW_SRC_MONITOR_KILL_STATE_H

#include <cstdint>
#include <mutex>

#include <curfew/monitor/kill_switch.h>

#include "monitor/runtime/forks.h"

namespace curfew {

struct KillSwitch::State {
    monitor::detail::ForkSafeMutex mutex;

    void attach(monitor::detail::Supervision& supervision) noexcept {
        const std::lock_guard lock(mutex);
        attached_ = &supervision;
        forks_ = monitor::detail::forks();
    }
    void detach(const monitor::detail::Supervision& supervision) noexcept {
        const std::lock_guard lock(mutex);
        if (attached_ == &supervision) attached_ = nullptr;
    }
    // With the lock held: what runs now, or null. What the parent of a forked child runs is its own affair.
    monitor::detail::Supervision* attached() const noexcept {
        return forks_ == monitor::detail::forks() ? attached_ : nullptr;
    }

  private:
    monitor::detail::Supervision* attached_ = nullptr;  // guarded by mutex, like the next one
    std::uint64_t forks_ = 0;                           // when it was attached
};

}  // namespace curfew

#endif
