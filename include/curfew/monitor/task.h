// MonitorTask: the second phase of an execution monitor, a coroutine that watches one invocation.
//
// A task stays pending while the invocation is within its limit. Completing it asks for termination; so does
// an exception that leaves it. When the invocation ends first, the task is cancelled: it is destroyed where
// it waits, before the call returns, so it may refer to its monitor and to the Invocation.
//
// Threads: up to its first co_await the coroutine runs on the thread that called get_monitor. From then on it
// belongs to the monitor runtime and goes on on threads named `curfew-monitor`. Local objects of a cancelled
// task are destroyed on the calling thread. A task that blocks its thread delays only its own invocation's
// return.
//
// What a task may await: monitor::sleep, monitor::sleep_until, monitor::stopped and monitor::forever
// (curfew/monitor/wait.h), UsageMeter::exceeds, and another MonitorTask, whose exception is passed on.
// Anything else does not compile, because it would resume the task on a thread that the runtime does not
// know.
//
// Pitfall of every coroutine: parameters taken by reference and a lambda's captures are not copied into the
// coroutine. Write the coroutine as a static member function with parameters by value; `const Invocation&`
// and references to the monitor itself are safe, because both outlive the task.
#ifndef CURFEW_MONITOR_TASK_H
#define CURFEW_MONITOR_TASK_H

#include <curfew/language.h>

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <type_traits>
#include <utility>

#include <curfew/export.h>
#include <curfew/monitor/detail/frame_pool.h>
#include <curfew/monitor/detail/task.h>

namespace curfew {

namespace monitor::detail {
// Base of everything that a MonitorTask may await; awaiter() makes the object that lives in the coroutine's
// frame.
struct Awaitable {};
class ChildAwaiter;
}  // namespace monitor::detail

// Owns the coroutine. Movable; one that was moved from is empty and cannot be awaited or returned from
// get_monitor.
class [[nodiscard]] MonitorTask {
  public:
    class promise_type;

    MonitorTask(MonitorTask&& other) noexcept : task_(std::exchange(other.task_, nullptr)) {}
    MonitorTask& operator=(MonitorTask&& other) noexcept {
        MonitorTask taken(std::move(other));
        std::swap(task_, taken.task_);
        return *this;
    }
    ~MonitorTask() {
        if (task_ != nullptr) task_->frame().destroy();
    }

    // Whether it has completed or failed already. Only for a task that nobody awaits yet.
    bool done() const noexcept { return task_ != nullptr && task_->finished(); }

  private:
    friend class monitor::detail::TaskOwner;
    friend class monitor::detail::ChildAwaiter;
    explicit MonitorTask(monitor::detail::Task& task) noexcept : task_(&task) {}

    monitor::detail::Task* task_;
};

namespace monitor::detail {

// co_await of another task: the parent goes on when the child completes.
class CURFEW_EXPORT ChildAwaiter final : public WaitSource {
  public:
    explicit ChildAwaiter(MonitorTask child) noexcept : child_(std::move(child)) {}

    bool await_ready() const noexcept { return child_.task_ == nullptr || child_.task_->finished(); }
    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> parent) noexcept {
        parent.promise().wait_for(*this);
    }
    void await_resume() const;

    bool park(Task& parent) noexcept override;
    void withdraw(Task& parent) noexcept override;
    void forget(Task& parent) noexcept override;

  private:
    MonitorTask child_;
};

template <typename T>
concept AwaitableByTasks = std::derived_from<std::remove_cvref_t<T>, Awaitable>;

}  // namespace monitor::detail

class MonitorTask::promise_type final : public monitor::detail::Task {
  public:
    // The coroutine's own parameters; only the mark of the built-in monitors among them matters.
    template <typename... Parameters>
    explicit promise_type(const Parameters&...) noexcept
        : Task(std::coroutine_handle<promise_type>::from_promise(*this),
               (std::same_as<Parameters, monitor::detail::Builtin> || ...)) {}

    MonitorTask get_return_object() noexcept { return MonitorTask(*this); }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() noexcept { fail(std::current_exception()); }

    template <typename T>
    auto await_transform(T&& awaitable) noexcept {
        if constexpr (std::same_as<std::remove_cvref_t<T>, MonitorTask>) {
            static_assert(!std::is_lvalue_reference_v<T>, "a MonitorTask is awaited once: co_await std::move(task)");
            return monitor::detail::ChildAwaiter(std::forward<T>(awaitable));
        } else {
            static_assert(monitor::detail::AwaitableByTasks<T>,
                          "a MonitorTask may await only what curfew/monitor/wait.h and UsageMeter offer: other "
                          "awaitables would resume it on a thread that the monitor runtime does not know");
            return awaitable.awaiter();
        }
    }

    static void* operator new(std::size_t size) { return monitor::detail::allocate_frame(size); }
    static void operator delete(void* frame, std::size_t size) noexcept { monitor::detail::release_frame(frame, size); }
};

}  // namespace curfew

#endif
