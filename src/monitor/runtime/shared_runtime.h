// The process's one monitor runtime: its timer threads and its threads for jobs.
#ifndef CURFEW_SRC_MONITOR_SHARED_RUNTIME_H
#define CURFEW_SRC_MONITOR_SHARED_RUNTIME_H

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "monitor/runtime/executor.h"
#include "monitor/runtime/timer_worker.h"

namespace curfew::monitor::detail {

class SharedRuntime {
  public:
    // How often a start is tried: calls in between fail with what the last try said.
    static constexpr std::chrono::milliseconds kBetweenStarts{100};

    // The runtime, started if it was not; otherwise why it cannot be started, a sentence, for this call: a later one
    // may try again. Never destroyed.
    static std::expected<SharedRuntime*, std::string> get() {
        SharedRuntime* const runtime = current();
        if (runtime != nullptr) return runtime;
        return start();
    }

    // The runtime as it is: null before it has started, and in a child that has just forked.
    static SharedRuntime* current() noexcept;

    // The shard that the present thread uses. Threads are spread over all shards.
    TimerShard& shard_of_this_thread() noexcept;

    Executor& executor() noexcept { return executor_; }
    std::size_t timer_threads() const noexcept { return workers_count_; }
    std::uint64_t timer_wake_ups() const noexcept;
    std::size_t timers_armed() noexcept;

  private:
    SharedRuntime() = default;
    static std::expected<SharedRuntime*, std::string> start();
    std::string start_workers();  // empty, or what failed; goes on where it failed

    std::unique_ptr<TimerWorker[]> workers_;
    std::size_t workers_count_ = 0;
    std::size_t workers_started_ = 0;
    Executor executor_;
};

}  // namespace curfew::monitor::detail

#endif
