#include "monitor/runtime/task.h"

#include <new>
#include <system_error>

#include <curfew/monitor/task.h>

#include "monitor/runtime/parking.h"

namespace curfew::monitor::detail {

namespace {

constinit thread_local OwnDues* t_dues = nullptr;

}  // namespace

OwnDues*& OwnDues::of_this_thread() noexcept { return t_dues; }

// Memory orders: a runner's writes to the coroutine must be visible to the next runner, and to the owner that
// destroys it. Parking and ending release them; claiming and the owner's cancel() acquire them.

void Task::attach(TaskOwner& owner, Task* parent) noexcept {
    owner_ = &owner;
    parent_ = parent;
}

void Task::start() noexcept {
    if (finished()) {
        finish(false);
    } else if (!source_->park(*this)) {
        dispatch();
    }
}

bool Task::park() noexcept {
    std::uint32_t state = kRunning;
    if (state_.compare_exchange_strong(state, kParked, std::memory_order_acq_rel)) return true;
    if ((state & kNotified) != 0) state_.fetch_and(~kNotified, std::memory_order_acq_rel);
    return false;
}

bool Task::claim() noexcept {
    std::uint32_t state = kParked;
    return state_.compare_exchange_strong(state, kRunning, std::memory_order_acq_rel);
}

bool Task::claim_or_notify() noexcept {
    std::uint32_t state = state_.load(std::memory_order_relaxed);
    for (;;) {
        if (state != kParked && state != kRunning) return false;  // cancelled, done, or notified already
        const std::uint32_t next = state == kParked ? kRunning : kNotified;
        if (state_.compare_exchange_weak(state, next, std::memory_order_acq_rel)) return next == kRunning;
    }
}

void Task::dispatch() noexcept {
    if (builtin_) {
        advance();
    } else if (!owner_->forked()) {
        owner_->executor().submit(*this);
    }  // in a child nobody is there to run it: its frame is left alone
}

void Task::run() noexcept { advance(); }

bool Task::refuse() noexcept {
    fail(std::make_exception_ptr(std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                                                   "no thread could be had to run the monitor's task")));
    finish(true);
    return true;
}

void Task::advance() noexcept {
    do {
        if (cancelled()) return let_go();
        frame_.resume();
        if (finished()) return finish(false);
    } while (!source_->park(*this));
}

void Task::finish(bool refused) noexcept {
    if (parent_ == nullptr) {
        // A task of a user that comes to its end was run by a thread for jobs, so that thread is its
        // invocation's now.
        owner_->task_ended(*this, !builtin_ && !refused);
        return let_go();
    }
    // A claimed parent stays, though this task may be destroyed as soon as the parent goes on. One that
    // cannot be claimed is being cancelled, and its owner waits for this task to let go.
    Task& parent = *parent_;
    const bool claimed = parent.claim();
    let_go();
    if (claimed) parent.dispatch();
}

void Task::let_go() noexcept {
    const std::uint32_t before = state_.exchange(kDone, std::memory_order_acq_rel);
    if ((before & kCancelled) != 0) unpark(this);  // only the address is used: the task may be gone
}

void Task::cancel() noexcept {
    const std::uint32_t before = state_.fetch_or(kCancelled, std::memory_order_acq_rel);
    if (before == kDone) return;
    if (before == kParked) return source_->withdraw(*this);
    if (owner_ == nullptr) return;  // it was never started, so nobody else knows it
    if (!builtin_ && owner_->executor().withdraw(*this)) return;
    park_until(this, [this] { return state_.load(std::memory_order_acquire) == kDone; });
}

bool Task::abandon() noexcept {
    const std::uint32_t state = state_.load(std::memory_order_relaxed);
    if (state == kParked) source_->forget(*this);
    return state == kParked || state == kDone || owner_ == nullptr;
}

void ChildAwaiter::await_resume() const {
    if (child_.task_ != nullptr && child_.task_->failure()) std::rethrow_exception(child_.task_->failure());
}

bool ChildAwaiter::park(Task& parent) noexcept {
    // Once the parent is parked it may be cancelled, but this object stays until the child has let go.
    Task& child = *child_.task_;
    child.attach(*parent.owner(), &parent);
    if (!parent.park()) return false;
    child.start();
    return true;
}

void ChildAwaiter::withdraw(Task&) noexcept { child_.task_->cancel(); }

void ChildAwaiter::forget(Task&) noexcept { static_cast<void>(child_.task_->abandon()); }

}  // namespace curfew::monitor::detail
