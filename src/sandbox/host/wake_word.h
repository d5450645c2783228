// A place where one thread waits for what others do.
#ifndef CURFEW_SANDBOX_HOST_WAKE_WORD_H
#define CURFEW_SANDBOX_HOST_WAKE_WORD_H

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <ctime>

namespace curfew::sandbox {

// Whoever waits reads value(), looks at what it waits for, and waits only if that is not there. What happened before wake()
// is seen by whoever reads another value after it.
class WakeWord {
  public:
    std::uint32_t value() const noexcept { return word_.load(std::memory_order_acquire); }

    void wake() noexcept {
        word_.fetch_add(1, std::memory_order_release);
        ::syscall(SYS_futex, &word_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
    }

    // Returns when the value is not `seen`, when the time is over, or for no reason.
    void wait(std::uint32_t seen) noexcept { wait_for(seen, nullptr); }
    void wait(std::uint32_t seen, std::chrono::seconds time) noexcept {
        const timespec limit{.tv_sec = time.count(), .tv_nsec = 0};
        wait_for(seen, &limit);
    }

  private:
    void wait_for(std::uint32_t seen, const timespec* limit) noexcept {
        ::syscall(SYS_futex, &word_, FUTEX_WAIT_PRIVATE, seen, limit, nullptr, 0);
    }

    std::atomic<std::uint32_t> word_{0};
};

}  // namespace curfew::sandbox

#endif
