// A mutex that clang's analysis knows, with what belongs to it; see base/thread_annotations.h. Costs what the standard's
// own costs.
#ifndef CURFEW_BASE_MUTEX_H
#define CURFEW_BASE_MUTEX_H

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "base/thread_annotations.h"

namespace curfew::base {

class CAPABILITY("mutex") Mutex {
  public:
    constexpr Mutex() noexcept = default;

    void lock() ACQUIRE() { mutex_.lock(); }
    void unlock() RELEASE() { mutex_.unlock(); }

  private:
    friend class Lock;
    std::mutex mutex_;
};

// Holds a mutex from its construction to its destruction; may give it up in between and take it again.
class SCOPED_CAPABILITY Lock {
  public:
    explicit Lock(Mutex& mutex) ACQUIRE(mutex) : lock_(mutex.mutex_) {}
    ~Lock() RELEASE() = default;
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

    void lock() ACQUIRE() { lock_.lock(); }
    void unlock() RELEASE() { lock_.unlock(); }

  private:
    friend class Condition;
    std::unique_lock<std::mutex> lock_;
};

// Waits for what others do under the same mutex. Waiting can end for no reason: wait in a loop that looks.
class Condition {
  public:
    void wait(Lock& lock) { condition_.wait(lock.lock_); }
    template <typename Rep, typename Period>
    std::cv_status wait_for(Lock& lock, std::chrono::duration<Rep, Period> time) {
        return condition_.wait_for(lock.lock_, time);
    }
    template <typename Clock, typename Duration>
    std::cv_status wait_until(Lock& lock, std::chrono::time_point<Clock, Duration> time) {
        return condition_.wait_until(lock.lock_, time);
    }
    void notify_one() noexcept { condition_.notify_one(); }
    void notify_all() noexcept { condition_.notify_all(); }

  private:
    std::condition_variable condition_;
};

}  // namespace curfew::base

#endif
