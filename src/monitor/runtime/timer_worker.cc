#include "monitor/runtime/timer_worker.h"

#include <algorithm>
#include <chrono>

#include "monitor/runtime/thread.h"

namespace curfew::monitor::detail {

namespace {

TimerTime steady_now() noexcept { return std::chrono::steady_clock::now().time_since_epoch().count(); }

}  // namespace

void TimerShard::disarm(Timer& timer) noexcept {
    TimerShard* const shard = timer.link.shard;
    if (shard == nullptr) return;
    const base::Lock lock(shard->mutex_);
    if (timer.link.queued) shard->heap_.remove(timer);
}

void TimerShard::bring_forward(Timer& timer, TimerTime due) noexcept {
    TimerShard* const shard = timer.link.shard;
    if (shard == nullptr) return;
    {
        const base::Lock lock(shard->mutex_);
        if (!timer.link.queued || timer.link.due <= due) return;
        shard->heap_.remove(timer);
        shard->heap_.insert(timer, due);
    }
    shard->worker_->plan(due);
}

bool TimerShard::expire_one(TimerTime now) noexcept {
    Timer* due = nullptr;
    {
        const base::Lock lock(mutex_);
        while (due == nullptr && heap_.earliest() <= now) {
            Timer& timer = *heap_.first();
            heap_.remove(timer);
            if (timer.claim_expiry()) due = &timer;
        }
    }
    if (due != nullptr) due->expire();  // from here on the timer may be gone
    return due != nullptr;
}

std::error_code TimerWorker::start() noexcept {
    return start_thread(ThreadRole::timer, [](void* self) { static_cast<TimerWorker*>(self)->work(); }, this);
}

std::size_t TimerWorker::armed() noexcept {
    std::size_t sum = 0;
    for (TimerShard& shard : shards_) {
        const base::Lock lock(shard.mutex_);
        sum += shard.heap_.size();
    }
    return sum;
}

void TimerWorker::replan(TimerTime due) noexcept {
    const base::Lock lock(mutex_);
    if (due >= wake_at_.load(std::memory_order_relaxed)) return;
    wake_at_.store(due, std::memory_order_relaxed);
    replanned_.notify_one();  // no system call unless the thread waits
}

void TimerWorker::work() noexcept {
    for (;;) {
        wake_at_.store(kNever, std::memory_order_relaxed);
        sleep_until(expire_due(steady_now()));
    }
}

TimerTime TimerWorker::expire_due(TimerTime now) noexcept {
    TimerTime next = kNever;
    for (TimerShard& shard : shards_) {
        Timer* due = nullptr;  // claimed timers, linked by next_
        Timer** last = &due;
        {
            const base::Lock lock(shard.mutex_);
            while (shard.heap_.earliest() <= now) {
                Timer& timer = *shard.heap_.first();
                shard.heap_.remove(timer);
                if (!timer.claim_expiry()) continue;
                *last = &timer;
                last = &timer.link.next;
            }
            next = std::min(next, shard.heap_.earliest());
        }
        while (due != nullptr) {
            Timer& timer = *due;
            due = timer.link.next;
            timer.link.next = nullptr;
            timer.expire();  // from here on the timer may be gone
        }
    }
    return next;
}

void TimerWorker::sleep_until(TimerTime due) noexcept {
    using std::chrono::steady_clock;
    base::Lock lock(mutex_);
    // Timers may have been armed since the look through the shards; the earliest of those is in wake_at_.
    if (due < wake_at_.load(std::memory_order_relaxed)) wake_at_.store(due, std::memory_order_relaxed);
    for (;;) {
        const TimerTime wake_at = wake_at_.load(std::memory_order_relaxed);
        if (wake_at == kNever) {
            replanned_.wait(lock);
        } else {
            if (wake_at <= steady_now()) return;
            replanned_.wait_until(lock, steady_clock::time_point(steady_clock::duration(wake_at)));
        }
        wake_ups_.fetch_add(1, std::memory_order_relaxed);
    }
}

}  // namespace curfew::monitor::detail
