// Timer threads. Each owns a few shards, so that calling threads on different cores seldom meet at a lock.
#ifndef CURFEW_SRC_MONITOR_TIMER_WORKER_H
#define CURFEW_SRC_MONITOR_TIMER_WORKER_H

#include <array>
#include <atomic>
#include <cstdint>
#include <system_error>

#include "base/mutex.h"
#include "monitor/runtime/timer_heap.h"

namespace curfew::monitor::detail {

class TimerWorker;

// A queue of timers. Thread-safe.
class alignas(64) TimerShard {
  public:
    // Arms the timer if admit() agrees, as one step: it cannot expire before arm() has inserted it. Returns
    // what admit() said. After true the timer may be gone.
    template <typename Admit>
    bool arm(Timer& timer, TimerTime due, Admit admit) noexcept;

    // When it returns, the timer is not armed and claim_expiry() is not being called. Static, because a timer
    // knows where it was armed; one that never was is left alone.
    static void disarm(Timer& timer) noexcept;

    // Makes an armed timer due at `due` if that is earlier than it was; others are left alone.
    static void bring_forward(Timer& timer, TimerTime due) noexcept;

    // Runs one timer that is due, as a timer thread does. False if none is.
    bool expire_one(TimerTime now) noexcept;

  private:
    friend class TimerWorker;
    base::Mutex mutex_;
    TimerHeap heap_ GUARDED_BY(mutex_);
    TimerWorker* worker_ = nullptr;
};

class TimerWorker {
  public:
    static constexpr std::size_t kShards = 4;

    TimerWorker() noexcept {
        for (TimerShard& shard : shards_) shard.worker_ = this;
    }
    TimerWorker(const TimerWorker&) = delete;
    TimerWorker& operator=(const TimerWorker&) = delete;

    // Starts the thread. The worker must live for ever if that succeeds.
    std::error_code start() noexcept;

    TimerShard& shard(std::size_t index) noexcept { return shards_[index % kShards]; }
    std::uint64_t wake_ups() const noexcept { return wake_ups_.load(std::memory_order_relaxed); }
    std::size_t armed() noexcept;

  private:
    friend class TimerShard;

    // Makes sure that the thread is awake at `due`. Called after a timer was armed, without the shard's lock.
    void plan(TimerTime due) noexcept {
        // The thread resets wake_at_ before it looks through the shards. A timer that it missed was armed
        // after that look, so the shard's lock orders that reset, or a later plan, before this load: relaxed
        // is enough.
        if (due < wake_at_.load(std::memory_order_relaxed)) replan(due);
    }
    void replan(TimerTime due) noexcept;

    [[noreturn]] void work() noexcept;
    TimerTime expire_due(TimerTime now) noexcept;  // returns when the next one is due
    void sleep_until(TimerTime due) noexcept;

    std::array<TimerShard, kShards> shards_;

    base::Mutex mutex_;
    base::Condition replanned_;
    // When the thread will look through the shards without being woken. Written with mutex_ held, except for
    // the reset.
    alignas(64) std::atomic<TimerTime> wake_at_{kNever};
    std::atomic<std::uint64_t> wake_ups_{0};
};

template <typename Admit>
bool TimerShard::arm(Timer& timer, TimerTime due, Admit admit) noexcept {
    {
        const base::Lock lock(mutex_);
        timer.link.shard = this;  // before admit(), which publishes it to who may disarm
        if (!admit()) return false;
        heap_.insert(timer, due);
    }
    worker_->plan(due);
    return true;
}

}  // namespace curfew::monitor::detail

#endif
