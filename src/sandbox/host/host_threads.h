// Threads that the process keeps for the host's own code: host functions, print functions. Whoever waits for what runs there
// can leave it behind when its time is over, which nobody could on a thread of the caller's.
//
// A thread that has nothing to do waits for the next work, and goes when that does not come for some seconds. There are as
// many as have work at a time.
#ifndef CURFEW_SANDBOX_HOST_HOST_THREADS_H
#define CURFEW_SANDBOX_HOST_HOST_THREADS_H

#include <atomic>
#include <cstdint>
#include <ctime>
#include <exception>
#include <memory>

#include "sandbox/host/wake_word.h"

namespace curfew::sandbox {

// What is to be run, and all that it needs: whoever waits for it may be gone before it is done.
class HostWork {
  public:
    HostWork() = default;
    virtual ~HostWork() = default;
    HostWork(const HostWork&) = delete;
    HostWork& operator=(const HostWork&) = delete;

    virtual void run() = 0;

    // What run() threw. REQUIRES: it is done.
    const std::exception_ptr& thrown() const noexcept { return thrown_; }

  private:
    friend class KeptThread;
    std::exception_ptr thrown_;
};

// Who waits for works, one after the other. Shared with the threads that have them, which may be done later than it lives.
class HostWaiter {
  public:
    // Their numbers grow, and the next is begun when the one before is done.
    std::uint64_t next_number() noexcept { return ++last_; }
    bool is_done(std::uint64_t number) const noexcept { return done_.load(std::memory_order_acquire) >= number; }
    void tell_done(std::uint64_t number) noexcept {
        done_.store(number, std::memory_order_release);
        woken.wake();
    }

    WakeWord woken;

  private:
    std::uint64_t last_ = 0;  // of who waits
    std::atomic<std::uint64_t> done_{0};
};

// Has a thread run the work. Then it lets go of it, and tells `waiter` (null: nobody) that its `number` is done, in this order:
// what a work owns is destroyed by whoever waited for it, unless that is gone. `sandbox` is whom it serves. Gives the
// thread's CPU clock; kNoThread if this machine gives no thread.
clockid_t start_on_kept_thread(std::shared_ptr<HostWork> work, std::shared_ptr<HostWaiter> waiter, std::uint64_t number,
                               std::uint64_t sandbox);
inline constexpr clockid_t kNoThread = -1;

// The number of the sandbox that the calling thread serves, if it is a kept one that has work; else 0.
std::uint64_t served_sandbox() noexcept;

}  // namespace curfew::sandbox

#endif
