// The owner of a task, as the task sees it: where its jobs and timers go, and who is told of its end.
#ifndef CURFEW_SRC_MONITOR_TASK_H
#define CURFEW_SRC_MONITOR_TASK_H

#include <array>
#include <cstddef>
#include <utility>

#include <curfew/monitor/task.h>

#include "monitor/runtime/shared_runtime.h"

namespace curfew::monitor::detail {

// When the tasks of a call are due that its own thread has made sleep: at their start, or when it ran them later.
class OwnDues {
  public:
    static constexpr std::size_t kMost = 8;  // of more, the others are left to the timer threads

    void note(TimerTime due) noexcept {
        if (count_ < kMost) dues_[count_++] = due;
    }

    // Forgets what is not later than that.
    void drop(TimerTime time) noexcept {
        const std::size_t count = std::exchange(count_, 0);
        for (std::size_t i = 0; i < count; ++i) {
            if (dues_[i] > time) note(dues_[i]);
        }
    }

    // The earliest that is later than that.
    TimerTime after(TimerTime time) const noexcept {
        TimerTime next = kNever;
        for (std::size_t i = 0; i < count_; ++i) {
            if (dues_[i] > time && dues_[i] < next) next = dues_[i];
        }
        return next;
    }

    // Those that the calling thread notes; null but while it starts tasks, or runs them.
    static OwnDues*& of_this_thread() noexcept;

  private:
    std::array<TimerTime, kMost> dues_{};
    std::size_t count_ = 0;
};

class TaskOwner {
  public:
    TaskOwner(const TaskOwner&) = delete;
    TaskOwner& operator=(const TaskOwner&) = delete;

    // For its tasks. REQUIRES: use() was called.
    Executor& executor() const noexcept { return runtime_->executor(); }
    TimerShard& shard() const noexcept { return *shard_; }

    // Whether this process is a child of the one that started the tasks: here nobody runs their jobs and timers.
    bool forked() const noexcept { return runtime_ != nullptr && runtime_ != SharedRuntime::current(); }

    // A root task has completed or failed. Called by its runner, at most once for a task, and the owner stays until this
    // has returned. `own_thread`: this thread may block on behalf of the owner.
    virtual void task_ended(Task& task, bool own_thread) noexcept = 0;

  protected:
    TaskOwner() = default;
    ~TaskOwner() = default;

    // Names the runtime, on the thread whose shard the timers are to use, before the first task is attached.
    void use(SharedRuntime& runtime) noexcept {
        runtime_ = &runtime;
        shard_ = &runtime.shard_of_this_thread();
    }
    SharedRuntime* runtime() const noexcept { return runtime_; }  // null before use()

    // The part of a MonitorTask that the runtime works with; null if it was moved from.
    static Task* core_of(const MonitorTask& task) noexcept { return task.task_; }
    // Leaves the coroutine as it is, for ever.
    static void leak(MonitorTask& task) noexcept { task.task_ = nullptr; }

  private:
    SharedRuntime* runtime_ = nullptr;
    TimerShard* shard_ = nullptr;
};

}  // namespace curfew::monitor::detail

#endif
