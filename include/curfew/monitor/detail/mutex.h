// A std::mutex for headers: <mutex> would bring all of the locks that there are to everybody who supervises something.
#ifndef CURFEW_MONITOR_DETAIL_MUTEX_H
#define CURFEW_MONITOR_DETAIL_MUTEX_H

#include <curfew/language.h>

#include <pthread.h>

#include <curfew/base/thread_annotations.h>

namespace curfew::monitor::detail {

// Neither function fails for a mutex of this sort.
class CURFEW_CAPABILITY("mutex") Mutex {
  public:
    constexpr Mutex() noexcept = default;
    Mutex(const Mutex&) = delete;
    Mutex& operator=(const Mutex&) = delete;

    void lock() noexcept CURFEW_ACQUIRE() { static_cast<void>(::pthread_mutex_lock(&mutex_)); }
    void unlock() noexcept CURFEW_RELEASE() { static_cast<void>(::pthread_mutex_unlock(&mutex_)); }

  private:
    pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
};

// Holds a mutex as long as it exists.
class CURFEW_SCOPED_CAPABILITY Lock {
  public:
    explicit Lock(Mutex& mutex) noexcept CURFEW_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
    ~Lock() CURFEW_RELEASE() { mutex_.unlock(); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

  private:
    Mutex& mutex_;
};

}  // namespace curfew::monitor::detail

#endif
