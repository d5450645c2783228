#include "monitor/runtime/shared_runtime.h"

#include <atomic>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string_view>

#include "base/forks.h"

namespace curfew::monitor::detail {

namespace {

// Set once it has started or failed; back to null in a forked child, where its threads do not exist.
constinit std::atomic<SharedRuntime*> g_runtime{nullptr};
constinit std::atomic<bool> g_starting{false};  // a lock that a forked child can simply reset

// In a child the next get() starts a new one.
const base::ChildHandler g_in_child([]() noexcept {
    g_runtime.store(nullptr, std::memory_order_relaxed);
    g_starting.store(false, std::memory_order_relaxed);
});

constexpr const char* kThreadsVariable = "CURFEW_MONITOR_THREADS";
constexpr std::size_t kMaxTimerThreads = 64;

// Zero if the variable's value is no such number.
std::size_t timer_threads_wanted() noexcept {
    const char* const text = std::getenv(kThreadsVariable);
    if (text == nullptr || *text == '\0') return 1;
    std::size_t count = 0;
    const char* const end = text + std::strlen(text);
    const auto [rest, error] = std::from_chars(text, end, count);
    if (error != std::errc() || rest != end || count > kMaxTimerThreads) return 0;
    return count;
}

struct ThreadShard {
    SharedRuntime* runtime = nullptr;
    TimerShard* shard = nullptr;
};
constinit thread_local ThreadShard t_shard;
constinit std::atomic<std::size_t> g_threads_seen{0};

}  // namespace

SharedRuntime* SharedRuntime::current() noexcept { return g_runtime.load(std::memory_order_acquire); }

std::string SharedRuntime::start_failure() {
    SharedRuntime* const runtime = current();
    return runtime == nullptr ? "there was no memory for the monitor runtime" : runtime->failure_;
}

SharedRuntime* SharedRuntime::start() noexcept {
    while (g_starting.exchange(true, std::memory_order_acquire)) g_starting.wait(true, std::memory_order_relaxed);
    SharedRuntime* runtime = g_runtime.load(std::memory_order_acquire);
    if (runtime == nullptr) {
        try {
            std::unique_ptr<SharedRuntime> made(new SharedRuntime());
            made->failure_ = made->start_workers();
            made->started_ = made->failure_.empty();
            runtime = made.release();  // lives as long as the process: its threads use it
            g_runtime.store(runtime, std::memory_order_release);
        } catch (const std::exception&) {
            // No memory. Nothing is remembered then, because nothing can be; the next call tries again.
        }
    }
    g_starting.store(false, std::memory_order_release);
    g_starting.notify_all();
    return runtime != nullptr && runtime->started_ ? runtime : nullptr;
}

std::string SharedRuntime::start_workers() {
    workers_count_ = timer_threads_wanted();
    if (workers_count_ == 0) {
        return std::string(kThreadsVariable) + " is \"" + std::getenv(kThreadsVariable) +
               "\", but must be a number from 1 to " + std::to_string(kMaxTimerThreads) +
               "; set it to the number of timer threads, or unset it";
    }
    workers_.reset(new TimerWorker[workers_count_]);
    for (std::size_t i = 0; i < workers_count_; ++i) {
        if (const std::error_code error = workers_[i].start()) {
            // Workers that did start go on using their part of the array, which is never freed.
            return "the monitor runtime could not start a thread (" + error.message() +
                   "); check the process's limits on threads and memory, and start it again";
        }
    }
    return {};
}

TimerShard& SharedRuntime::shard_of_this_thread() noexcept {
    if (t_shard.runtime != this) [[unlikely]] {
        const std::size_t index = g_threads_seen.fetch_add(1, std::memory_order_relaxed);
        t_shard = {this, &workers_[index % workers_count_].shard(index / workers_count_)};
    }
    return *t_shard.shard;
}

std::uint64_t SharedRuntime::timer_wake_ups() const noexcept {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < workers_count_; ++i) sum += workers_[i].wake_ups();
    return sum;
}

std::size_t SharedRuntime::timers_armed() noexcept {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < workers_count_; ++i) sum += workers_[i].armed();
    return sum;
}

}  // namespace curfew::monitor::detail
