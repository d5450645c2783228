// The process's one monitor runtime: its timer threads and its threads for jobs.
#ifndef CURFEW_SRC_MONITOR_SHARED_RUNTIME_H
#define CURFEW_SRC_MONITOR_SHARED_RUNTIME_H

#include <memory>
#include <string>

#include <curfew/error.h>

#include "monitor/runtime/executor.h"
#include "monitor/runtime/timer_worker.h"

namespace curfew::monitor::detail {

class SharedRuntime {
  public:
    // The runtime, started if it was not; null when it cannot be started (see start_failure). Never
    // destroyed.
    static SharedRuntime* get() noexcept {
        SharedRuntime* const runtime = current();
        return runtime != nullptr && runtime->started_ ? runtime : start();
    }

    // The runtime as it is: null before the first call, after a failure and in a child that has just forked.
    static SharedRuntime* current() noexcept;

    // Why get() returned null: a sentence.
    static std::string start_failure();

    // The shard that the present thread uses. Threads are spread over all shards.
    TimerShard& shard_of_this_thread() noexcept;

    Executor& executor() noexcept { return executor_; }
    std::size_t timer_threads() const noexcept { return workers_count_; }
    std::uint64_t timer_wake_ups() const noexcept;
    std::size_t timers_armed() noexcept;

  private:
    SharedRuntime() = default;
    static SharedRuntime* start() noexcept;
    std::string start_workers();  // empty, or what failed

    std::unique_ptr<TimerWorker[]> workers_;
    std::size_t workers_count_ = 0;
    Executor executor_;
    bool started_ = false;
    std::string failure_;
};

}  // namespace curfew::monitor::detail

#endif
