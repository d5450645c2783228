#include "monitor/runtime/executor.h"

#include <chrono>

#include "monitor/runtime/thread.h"

namespace curfew::monitor::detail {

namespace {
constexpr auto kIdleTime = std::chrono::seconds(10);
}

std::error_code Executor::ensure_started() noexcept {
    if (started_.load(std::memory_order_acquire)) return {};
    const base::Lock lock(mutex_);
    return add_thread();  // a second one, if two come here at once, does no harm
}

void Executor::submit(Job& job) noexcept {
    base::Lock lock(mutex_);
    while (waiting_ + starting_ == 0) {
        if (!add_thread()) continue;
        lock.unlock();
        if (job.refuse()) return;
        lock.lock();
        break;
    }
    push(job);
    submitted_.notify_one();
}

bool Executor::withdraw(Job& job) noexcept {
    const base::Lock lock(mutex_);
    if (!job.link.queued) return false;
    unlink(job);
    return true;
}

std::size_t Executor::threads() noexcept {
    const base::Lock lock(mutex_);
    return threads_;
}

// The mutex is released while the thread is made; `starting_` keeps others from making one more meanwhile.
std::error_code Executor::add_thread() noexcept {
    auto error = std::make_error_code(std::errc::resource_unavailable_try_again);
    if (threads_ < kMaxThreads) {
        ++threads_;
        ++starting_;
        mutex_.unlock();
        error = start_thread(ThreadRole::job, [](void* self) { static_cast<Executor*>(self)->work(); }, this);
        mutex_.lock();
        if (!error) {
            started_.store(true, std::memory_order_release);
            return {};
        }
        --threads_;
        --starting_;
    }
    // Queued jobs relied on a thread that is busy now, or on this one.
    if (waiting_ + starting_ == 0) refuse_queued();
    return error;
}

void Executor::work() noexcept {
    base::Lock lock(mutex_);
    --starting_;
    while (wait_for_job(lock)) {
        Job* const job = pop();
        // Before user code runs here, someone else must be there for the next job.
        if (waiting_ + starting_ == 0) static_cast<void>(add_thread());
        lock.unlock();
        job->run();
        lock.lock();
    }
    --threads_;
}

bool Executor::wait_for_job(base::Lock& lock) noexcept {
    while (jobs_.empty()) {
        ++waiting_;
        bool timed_out = false;
        if (waiting_ > kKeptWaiting) {
            timed_out = submitted_.wait_for(lock, kIdleTime) == std::cv_status::timeout;
        } else {
            submitted_.wait(lock);
        }
        --waiting_;
        wake_ups_.fetch_add(1, std::memory_order_relaxed);
        if (timed_out && jobs_.empty() && waiting_ >= kKeptWaiting) return false;
    }
    return true;
}

// No thread waits, none can be made, and all others may be blocked: no queued job can be promised to run in
// time.
void Executor::refuse_queued() noexcept {
    Jobs kept;
    while (Job* job = pop()) {
        mutex_.unlock();
        const bool refused = job->refuse();
        mutex_.lock();
        if (!refused) kept.push_back(*job);
    }
    while (Job* job = kept.front()) {
        kept.remove(*job);
        push(*job);
    }
}

Job* Executor::pop() noexcept {
    Job* const job = jobs_.front();
    if (job != nullptr) unlink(*job);
    return job;
}

void Executor::push(Job& job) noexcept {
    jobs_.push_back(job);
    job.link.queued = true;
}

void Executor::unlink(Job& job) noexcept {
    jobs_.remove(job);
    job.link.queued = false;
}

}  // namespace curfew::monitor::detail
