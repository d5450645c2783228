// What the copies of a KillSwitch share.
#ifndef CURFEW_SRC_MONITOR_KILL_STATE_H
#define CURFEW_SRC_MONITOR_KILL_STATE_H

#include <cstdint>

#include <curfew/monitor/kill_switch.h>

#include "base/forks.h"
#include "base/mutex.h"

namespace curfew {

struct KillSwitch::State {
    base::ForkSafeMutex mutex;

    void attach(monitor::detail::Supervision& supervision) noexcept {
        const base::Lock lock(mutex);
        attached_ = &supervision;
        forks_ = base::forks();
    }
    void detach(const monitor::detail::Supervision& supervision) noexcept {
        const base::Lock lock(mutex);
        if (attached_ == &supervision) attached_ = nullptr;
    }
    // What runs now, or null. What the parent of a forked child runs is its own affair.
    monitor::detail::Supervision* attached() const noexcept REQUIRES(mutex) {
        return forks_ == base::forks() ? attached_ : nullptr;
    }

  private:
    monitor::detail::Supervision* attached_ GUARDED_BY(mutex) = nullptr;
    std::uint64_t forks_ GUARDED_BY(mutex) = 0;  // when it was attached
};

}  // namespace curfew

#endif
