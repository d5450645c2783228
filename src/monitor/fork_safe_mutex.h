// A mutex that a forking thread holds during the fork, so that the child never inherits it locked by a thread
// that does not exist there. For the few that outlive calls and are shared by threads; whoever holds one
// takes no other of them.
#ifndef CURFEW_SRC_MONITOR_FORK_SAFE_MUTEX_H
#define CURFEW_SRC_MONITOR_FORK_SAFE_MUTEX_H

#include <mutex>

namespace curfew::monitor::detail {

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

}  // namespace curfew::monitor::detail

#endif
