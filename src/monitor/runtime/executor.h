// Threads for everything that may block: custom monitors' tasks, callbacks, interrupts.
//
// A thread always waits for the next job: one that takes a job first makes sure that another waits, or starts
// it. So a job that blocks never holds up another one, whatever the number of blocked ones, up to
// kMaxThreads.
#ifndef CURFEW_SRC_MONITOR_EXECUTOR_H
#define CURFEW_SRC_MONITOR_EXECUTOR_H

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <system_error>

#include <curfew/monitor/detail/job.h>

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

    void work() noexcept;
    bool wait_for_job(std::unique_lock<std::mutex>& lock) noexcept;  // false: the thread is to end
    std::error_code add_thread(std::unique_lock<std::mutex>& lock) noexcept;
    void refuse_queued(std::unique_lock<std::mutex>& lock) noexcept;
    Job* pop() noexcept;
    void push(Job& job) noexcept;
    void unlink(Job& job) noexcept;

    std::mutex mutex_;
    std::condition_variable submitted_;
    Job* first_ = nullptr;  // all of these guarded by mutex_
    Job* last_ = nullptr;
    std::size_t threads_ = 0;  // all, starting ones included
    std::size_t starting_ = 0;
    std::size_t waiting_ = 0;
    std::atomic<bool> started_{false};
    std::atomic<std::uint64_t> wake_ups_{0};
};

}  // namespace curfew::monitor::detail

#endif
