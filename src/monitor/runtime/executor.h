// Threads for everything that may block: custom monitors' tasks, callbacks, interrupts.
//
// A thread always waits for the next job: one that takes a job first makes sure that another waits, or starts
// it. So a job that blocks never holds up another one, whatever the number of blocked ones, up to
// kMaxThreads.
#ifndef CURFEW_SRC_MONITOR_EXECUTOR_H
#define CURFEW_SRC_MONITOR_EXECUTOR_H

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <system_error>

#include <curfew/monitor/detail/job.h>

#include "base/intrusive_list.h"
#include "base/mutex.h"

namespace curfew::monitor::detail {

class Executor {
  public:
    static constexpr std::size_t kMaxThreads = 256;

    Executor() = default;
    Executor(const Executor&) = delete;
    Executor& operator=(const Executor&) = delete;

    // Makes sure that there is at least one thread.
    std::error_code ensure_started() noexcept;

    // Queues the job, from any thread. If no thread can be had for it the job is refused; one that must be
    // run waits for the threads that there are. After this the job may be gone.
    void submit(Job& job) noexcept;

    // Takes a job back. True: it was queued and will not be run. False: it was taken, or never queued.
    bool withdraw(Job& job) noexcept;

    std::uint64_t wake_ups() const noexcept { return wake_ups_.load(std::memory_order_relaxed); }
    std::size_t threads() noexcept;

  private:
    static constexpr std::size_t kKeptWaiting = 2;  // more waiting threads than these end after a while

    using Jobs = base::IntrusiveList<Job, &Job::link>;

    void work() noexcept;
    bool wait_for_job(base::Lock& lock) noexcept REQUIRES(mutex_);  // false: the thread is to end
    // Both let go of the mutex for a while.
    std::error_code add_thread() noexcept REQUIRES(mutex_);
    void refuse_queued() noexcept REQUIRES(mutex_);
    Job* pop() noexcept REQUIRES(mutex_);
    void push(Job& job) noexcept REQUIRES(mutex_);
    void unlink(Job& job) noexcept REQUIRES(mutex_);

    base::Mutex mutex_;
    base::Condition submitted_;
    Jobs jobs_ GUARDED_BY(mutex_);
    std::size_t threads_ GUARDED_BY(mutex_) = 0;  // all, starting ones included
    std::size_t starting_ GUARDED_BY(mutex_) = 0;
    std::size_t waiting_ GUARDED_BY(mutex_) = 0;
    std::atomic<bool> started_{false};
    std::atomic<std::uint64_t> wake_ups_{0};
};

}  // namespace curfew::monitor::detail

#endif
