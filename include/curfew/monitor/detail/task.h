// The part of a monitor's coroutine that the runtime works with. Users meet it only as MonitorTask.
#ifndef CURFEW_MONITOR_DETAIL_TASK_H
#define CURFEW_MONITOR_DETAIL_TASK_H

#include <curfew/language.h>

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <utility>

#include <curfew/export.h>
#include <curfew/monitor/detail/job.h>

namespace curfew::monitor::detail {

class Task;
class TaskOwner;

// Marks the coroutines of the built-in monitors, as one of their parameters: they run no user code and never
// block, so the timer thread runs them itself. All other coroutines run on threads that may block.
struct Builtin {};

// What a suspended task waits for. Sources live in the coroutine's frame, inside the awaiter.
class CURFEW_EXPORT WaitSource {
  public:
    // Makes the task parked and the source ready to wake it, as one step. False: the task is to go on at
    // once, because what it waits for has come or because it was cancelled. After true the caller must not
    // touch the task again: it may already run elsewhere, or be destroyed.
    virtual bool park(Task& task) noexcept = 0;

    // For a parked and cancelled task: when it returns, the source does not touch the task any more.
    virtual void withdraw(Task& task) noexcept = 0;

    // For a parked and cancelled task of a process that has forked since: forgets everything without a lock,
    // because the threads that could hold one do not exist in the child.
    virtual void forget(Task&) noexcept {}

  protected:
    ~WaitSource() = default;
};

// The life of a task. Whoever brings it to `running` owns it until it parks or ends:
//
//     running --park()--> parked --claim()--> running --> ... --> done
//
// The owner (the thread in supervise) adds `cancelled` once; from then on no claim succeeds, and a runner
// that finds it lets go of the task by making it done. `notified` marks a wake-up that came before the task
// had parked.
class CURFEW_EXPORT Task : public Job {
  public:
    Task(std::coroutine_handle<> frame, bool builtin) noexcept : frame_(frame), builtin_(builtin) {}
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;

    std::coroutine_handle<> frame() const noexcept { return frame_; }
    bool finished() const noexcept { return frame_.done(); }
    bool builtin() const noexcept { return builtin_; }
    const std::exception_ptr& failure() const noexcept { return failure_; }
    TaskOwner* owner() const noexcept { return owner_; }  // null before attach()

    // Called by awaiters: what the coroutine waits for from now on. Armed only when the coroutine has let go.
    void wait_for(WaitSource& source) noexcept { source_ = &source; }
    void fail(std::exception_ptr failure) noexcept { failure_ = std::move(failure); }

    // A root task reports its end to the owner, a child to the task that awaits it.
    void attach(TaskOwner& owner, Task* parent) noexcept;

    // First park of an attached task, on the calling thread; or the task goes on at once.
    void start() noexcept;

    bool park() noexcept;             // running -> parked; false: cancelled or notified meanwhile
    bool claim() noexcept;            // parked -> running; false: cancelled, or claimed by someone else
    bool claim_or_notify() noexcept;  // the same, but a running task will find that it was woken
    bool cancelled() const noexcept { return (state_.load(std::memory_order_acquire) & kCancelled) != 0; }

    // For whoever claimed the task: lets it go on, here (built-in) or on a thread that may block.
    void dispatch() noexcept;

    // For the owner: when it returns, nobody runs the task or will, and its frame may be destroyed.
    void cancel() noexcept;
    // The same in a forked child; false: a thread of the parent was running it, so the frame must be left
    // alone.
    bool abandon() noexcept;

    void run() noexcept final;
    bool refuse() noexcept final;

  protected:
    ~Task() = default;

  private:
    static constexpr std::uint32_t kRunning = 0, kParked = 1, kDone = 2, kNotified = 4, kCancelled = 8;

    void advance() noexcept;             // runs the coroutine until it parks or ends
    void finish(bool refused) noexcept;  // reports the end, then lets go
    void let_go() noexcept;              // -> done; the last touch of a runner

    std::atomic<std::uint32_t> state_{kRunning};
    const std::coroutine_handle<> frame_;
    WaitSource* source_ = nullptr;
    TaskOwner* owner_ = nullptr;
    Task* parent_ = nullptr;
    std::exception_ptr failure_;
    const bool builtin_;
};

}  // namespace curfew::monitor::detail

#endif
