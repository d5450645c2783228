#include <curfew/monitor/wait.h>

#include "monitor/runtime/task.h"
#include "monitor/runtime/timer_worker.h"

namespace curfew::monitor::detail {

bool SleepAwaiter::park(Task& task) noexcept {
    if (time_ == kNever) return task.park();
    if (OwnDues* const dues = OwnDues::of_this_thread()) dues->note(time_);
    return task.owner()->shard().arm(*this, time_, [&task] { return task.park(); });
}

void SleepAwaiter::withdraw(Task&) noexcept { TimerShard::disarm(*this); }

bool SleepAwaiter::claim_expiry() noexcept { return task_->claim(); }

void SleepAwaiter::expire() noexcept { task_->dispatch(); }

bool StopAwaiter::park(Task& task) noexcept {
    // The callback may run at once, on this thread, or at any time on another: it finds a task that runs
    // still and leaves a notification, which makes park() below return false.
    if (!callback_) callback_.emplace(token_, Wake{&task});
    return task.park();
}

void StopAwaiter::withdraw(Task&) noexcept { callback_.reset(); }

void StopAwaiter::Wake::operator()() const noexcept {
    if (task->claim_or_notify()) task->dispatch();
}

}  // namespace curfew::monitor::detail
