// What forks need. A child has one thread, the one that forked: the runtime's threads do not exist there, and
// what other threads had locked, or were in the middle of, stays so for ever.
#ifndef CURFEW_SRC_MONITOR_FORKS_H
#define CURFEW_SRC_MONITOR_FORKS_H

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

namespace curfew::monitor::detail {

// A mutex that the forking thread holds during the fork, so that the child never inherits it locked. For the
// few that outlive calls and are shared by threads; whoever holds one takes no other of them.
class ForkSafeMutex {
  public:
    ForkSafeMutex();
    ~ForkSafeMutex();
    ForkSafeMutex(const ForkSafeMutex&) = delete;
    ForkSafeMutex& operator=(const ForkSafeMutex&) = delete;

    void lock() { mutex_.lock(); }
    void unlock() { mutex_.unlock(); }

  private:
    friend struct ForkSafeMutexes;
    std::mutex mutex_;
    ForkSafeMutex* next_ = nullptr;
    ForkSafeMutex* previous_ = nullptr;
};

// How many forks lie between this process and the one that was started. Who refers to other threads, or to
// what lies on their stacks, notes it, and forgets them when it has changed.
std::uint64_t forks() noexcept;

// A static object that is made when first needed and never destroyed: calls may end while static destructors
// run. Unlike a static variable of a function it has no lock that a fork could find taken; when two threads
// make it at once, one of both is dropped.
template <typename T>
class Immortal {
  public:
    constexpr Immortal() noexcept = default;

    T& get() {
        T* object = object_.load(std::memory_order_acquire);
        if (object == nullptr) {
            auto made = std::make_unique<T>();
            // On failure `object` is the other thread's.
            if (object_.compare_exchange_strong(object, made.get(), std::memory_order_acq_rel)) object = made.release();
        }
        return *object;
    }

    // For a child: the next get() makes a new one, because threads of the parent may be using this one.
    void abandon() noexcept { object_.store(nullptr, std::memory_order_relaxed); }

  private:
    std::atomic<T*> object_{nullptr};
};

}  // namespace curfew::monitor::detail

#endif
