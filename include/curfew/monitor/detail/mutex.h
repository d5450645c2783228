// A std::mutex for headers: <mutex> would bring all of the locks that there are to everybody who supervises something.
#ifndef CURFEW_MONITOR_DETAIL_MUTEX_H
#define CURFEW_MONITOR_DETAIL_MUTEX_H

#include <pthread.h>

namespace curfew::monitor::detail {

// For std::lock_guard and its kind. Neither function fails for a mutex of this sort.
class Mutex {
  public:
    constexpr Mutex() noexcept = default;
    Mutex(const Mutex&) = delete;
    Mutex& operator=(const Mutex&) = delete;

    void lock() noexcept { static_cast<void>(::pthread_mutex_lock(&mutex_)); }
    void unlock() noexcept { static_cast<void>(::pthread_mutex_unlock(&mutex_)); }

  private:
    pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
};

}  // namespace curfew::monitor::detail

#endif
