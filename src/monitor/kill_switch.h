// What the copies of a KillSwitch share, and what they end.
#ifndef CURFEW_SRC_MONITOR_KILL_SWITCH_H
#define CURFEW_SRC_MONITOR_KILL_SWITCH_H

#include <cstdint>

#include <curfew/monitor/kill_switch.h>

#include "base/forks.h"
#include "base/mutex.h"

namespace curfew {

namespace monitor::detail {

// Something that a KillSwitch can be attached to.
class KillTarget {
  public:
    // With the switch's lock held, so that the target cannot be detached meanwhile. True: it is this kill that ends the
    // target, which then stays until end_by_kill() has done its part.
    virtual bool claim_kill() noexcept = 0;
    // Once, after a claim, without the lock: it may block, and call what users gave.
    virtual void end_by_kill() noexcept = 0;

  protected:
    ~KillTarget() = default;
};

}  // namespace monitor::detail

struct KillSwitch::State {
    // On the thread that runs the target.
    void attach(monitor::detail::KillTarget& target) noexcept {
        const base::Lock lock(mutex_);
        attached_ = &target;
        forks_ = base::forks();
    }
    void detach(const monitor::detail::KillTarget& target) noexcept {
        const base::Lock lock(mutex_);
        if (attached_ == &target) attached_ = nullptr;
    }

    // On any thread.
    bool kill() noexcept {
        monitor::detail::KillTarget* target = nullptr;
        {
            const base::Lock lock(mutex_);
            // What the parent of a forked child runs is its own affair.
            target = forks_ == base::forks() ? attached_ : nullptr;
            if (target == nullptr || !target->claim_kill()) return false;
        }
        target->end_by_kill();
        return true;
    }

  private:
    base::ForkSafeMutex mutex_;
    monitor::detail::KillTarget* attached_ GUARDED_BY(mutex_) = nullptr;
    std::uint64_t forks_ GUARDED_BY(mutex_) = 0;  // when it was attached
};

}  // namespace curfew

#endif
