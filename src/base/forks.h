// What forks need. A child has one thread, the one that forked: other threads do not exist there, and what they had
// locked, or were in the middle of, stays so for ever.
#ifndef CURFEW_BASE_FORKS_H
#define CURFEW_BASE_FORKS_H

#include <cstdint>

#include "base/intrusive_list.h"
#include "base/mutex.h"

namespace curfew::base {

// A mutex that the forking thread holds during the fork, so that the child never inherits it locked. For the
// few that outlive calls and are shared by threads; whoever holds one takes, makes and drops no other of them.
class CAPABILITY("mutex") ForkSafeMutex : public Mutex {
  public:
    ForkSafeMutex();
    ~ForkSafeMutex();
    ForkSafeMutex(const ForkSafeMutex&) = delete;
    ForkSafeMutex& operator=(const ForkSafeMutex&) = delete;

  private:
    friend struct ForkSafeMutexes;
    ListLink<ForkSafeMutex> link_;
};

// What has to be done in every child, on its only thread, before fork() returns there: a static object beside the data
// that it resets. The function may lock fork-safe mutexes. In which order several run is not said.
class ChildHandler {
  public:
    explicit ChildHandler(void (*run)() noexcept) noexcept;
    ChildHandler(const ChildHandler&) = delete;
    ChildHandler& operator=(const ChildHandler&) = delete;

  private:
    friend struct ChildHandlers;
    void (*run_)() noexcept;
    ChildHandler* next_ = nullptr;
};

// How many forks lie between this process and the one that was started. Who refers to other threads, or to
// what lies on their stacks, notes it, and forgets them when it has changed.
std::uint64_t forks() noexcept;

}  // namespace curfew::base

#endif
