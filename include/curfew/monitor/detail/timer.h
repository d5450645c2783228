// A timer of the monitor runtime, linked into its queue without allocation.
#ifndef CURFEW_MONITOR_DETAIL_TIMER_H
#define CURFEW_MONITOR_DETAIL_TIMER_H

#include <curfew/language.h>

#include <cstdint>
#include <limits>

#include <curfew/export.h>

namespace curfew::monitor::detail {

// Points in time are nanoseconds of std::chrono::steady_clock.
using TimerTime = std::int64_t;
inline constexpr TimerTime kNever = std::numeric_limits<TimerTime>::max();

class Timer;
class TimerShard;

// The place of a timer in a queue, which alone reads and writes it.
struct TimerLink {
    TimerTime due = kNever;
    TimerShard* shard = nullptr;  // where it was armed last
    // A pairing heap: first child, next sibling, and previous sibling or parent.
    Timer* child = nullptr;
    Timer* next = nullptr;
    Timer* previous = nullptr;
    bool queued = false;
};

class CURFEW_EXPORT Timer {
  public:
    // Called with the shard's lock held when the time has come; true: expire() is to be called without it.
    virtual bool claim_expiry() noexcept = 0;
    // Called on the timer thread: must not block, nor run user code.
    virtual void expire() noexcept = 0;

    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    TimerLink link;

  protected:
    Timer() = default;
    ~Timer() = default;
};

}  // namespace curfew::monitor::detail

#endif
