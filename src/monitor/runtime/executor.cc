#include "monitor/runtime/executor.h"

#include <chrono>

#include "monitor/runtime/thread.h"

namespace curfew::monitor::detail {

namespace {
constexpr auto kIdleTime = std::chrono::seconds(10);
}

std::error_code Executor::ensure_started() noexcept {
    if (started_.load(std::memory_order_acquire)) return {};
    std::unique_lock lock(mutex_);
    return add_thread(lock);  // a second one, if two come here at once, does no harm
}

void Executor::submit(Job& job) noexcept {
    std::unique_lock lock(mutex_);
    while (waiting_ + starting_ == 0) {
        if (!add_thread(lock)) continue;
        lock.unlock();
        if (job.refuse()) return;
        lock.lock();
        break;
    }
    push(job);
    submitted_.notify_one();
}

bool Executor::withdraw(Job& job) noexcept {
    std::lock_guard lock(mutex_);
    if (!job.link.queued) return false;
    unlink(job);
    return true;
}

std::size_t Executor::threads() noexcept {
    std::lock_guard lock(mutex_);
    return threads_;
}

// The lock is released while the thread is made; `starting_` keeps others from making one more meanwhile.
std::error_code Executor::add_thread(std::unique_lock<std::mutex>& lock) noexcept {
    auto error = std::make_error_code(std::errc::resource_unavailable_try_again);
    if (threads_ < kMaxThreads) {
        ++threads_;
        ++starting_;
        lock.unlock();
        error = start_thread(ThreadRole::job, [](void* self) { static_cast<Executor*>(self)->work(); }, this);
        lock.lock();
        if (!error) {
            started_.store(true, std::memory_order_release);
            return {};
        }
        --threads_;
        --starting_;
    }
    // Queued jobs relied on a thread that is busy now, or on this one.
    if (waiting_ + starting_ == 0) refuse_queued(lock);
    return error;
}

void Executor::work() noexcept {
    std::unique_lock lock(mutex_);
    --starting_;
    while (wait_for_job(lock)) {
        Job* const job = pop();
        // Before user code runs here, someone else must be there for the next job.
        if (waiting_ + starting_ == 0) static_cast<void>(add_thread(lock));
        lock.unlock();
        job->run();
        lock.lock();
    }
    --threads_;
}

bool Executor::wait_for_job(std::unique_lock<std::mutex>& lock) noexcept {
    while (first_ == nullptr) {
        ++waiting_;
        bool timed_out = false;
        if (waiting_ > kKeptWaiting) {
            timed_out = submitted_.wait_for(lock, kIdleTime) == std::cv_status::timeout;
        } else {
            submitted_.wait(lock);
        }
        --waiting_;
        wake_ups_.fetch_add(1, std::memory_order_relaxed);
        if (timed_out && first_ == nullptr && waiting_ >= kKeptWaiting) return false;
    }
    return true;
}

// No thread waits, none can be made, and all others may be blocked: no queued job can be promised to run in
// time.
void Executor::refuse_queued(std::unique_lock<std::mutex>& lock) noexcept {
    Job* kept_first = nullptr;
    Job* kept_last = nullptr;
    while (Job* job = pop()) {
        lock.unlock();
        const bool refused = job->refuse();
        lock.lock();
        if (refused) continue;
        (kept_last == nullptr ? kept_first : kept_last->link.next) = job;
        kept_last = job;
    }
    while (kept_first != nullptr) {
        Job* const job = kept_first;
        kept_first = job->link.next;
        push(*job);
    }
}

Job* Executor::pop() noexcept {
    Job* const job = first_;
    if (job != nullptr) unlink(*job);
    return job;
}

void Executor::push(Job& job) noexcept {
    job.link.next = nullptr;
    job.link.previous = last_;
    job.link.queued = true;
    (last_ == nullptr ? first_ : last_->link.next) = &job;
    last_ = &job;
}

void Executor::unlink(Job& job) noexcept {
    (job.link.previous == nullptr ? first_ : job.link.previous->link.next) = job.link.next;
    (job.link.next == nullptr ? last_ : job.link.next->link.previous) = job.link.previous;
    job.link.next = job.link.previous = nullptr;
    job.link.queued = false;
}

}  // namespace curfew::monitor::detail
