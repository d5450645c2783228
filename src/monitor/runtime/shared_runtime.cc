#include "monitor/runtime/shared_runtime.h"

#include <atomic>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

#include "base/forks.h"

namespace curfew::monitor::detail {

namespace {

// Set once it has started; back to null in a forked child, where its threads do not exist.
constinit std::atomic<SharedRuntime*> g_runtime{nullptr};
constinit std::atomic<bool> g_starting{false};  // a lock that a forked child can simply reset

// A start that failed: guarded by g_starting, and leaked in a forked child.
struct FailedStart {
    std::unique_ptr<SharedRuntime> unfinished;  // its threads that did start use it
    std::string failure;
    std::chrono::steady_clock::time_point at;
};
constinit FailedStart* g_failed{nullptr};

// In a child the next get() starts a new one.
const base::ChildHandler g_in_child([]() noexcept {
    g_runtime.store(nullptr, std::memory_order_relaxed);
    g_failed = nullptr;
    g_starting.store(false, std::memory_order_relaxed);
});

class Starting {
  public:
    Starting() noexcept {
        while (g_starting.exchange(true, std::memory_order_acquire)) g_starting.wait(true, std::memory_order_relaxed);
    }
    ~Starting() {
        g_starting.store(false, std::memory_order_release);
        g_starting.notify_one();
    }
    Starting(const Starting&) = delete;
    Starting& operator=(const Starting&) = delete;
};

constexpr const char* kThreadsVariable = "CURFEW_MONITOR_THREADS";
constexpr std::size_t kMaxTimerThreads = 64;

// Zero if the variable's value is no such number.
std::size_t timer_threads_wanted() noexcept {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): whoever changes the environment beside other threads asks for it
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

std::expected<SharedRuntime*, std::string> SharedRuntime::start() {
    const Starting starting;
    if (SharedRuntime* const runtime = g_runtime.load(std::memory_order_acquire)) return runtime;
    const auto now = std::chrono::steady_clock::now();
    if (g_failed != nullptr && now - g_failed->at < kBetweenStarts) return std::unexpected(g_failed->failure);
    try {
        if (g_failed == nullptr) {
            auto made = std::make_unique<FailedStart>();
            made->unfinished.reset(new SharedRuntime());
            g_failed = made.release();
        }
        g_failed->failure = g_failed->unfinished->start_workers();
    } catch (const std::bad_alloc&) {
        return std::unexpected("there was no memory for the monitor runtime");
    }
    g_failed->at = now;
    if (!g_failed->failure.empty()) return std::unexpected(g_failed->failure);

    SharedRuntime* const runtime = g_failed->unfinished.release();  // lives as long as the process: its threads use it
    delete std::exchange(g_failed, nullptr);
    g_runtime.store(runtime, std::memory_order_release);
    return runtime;
}

std::string SharedRuntime::start_workers() {
    if (workers_ == nullptr) {
        workers_count_ = timer_threads_wanted();
        if (workers_count_ == 0) {
            // NOLINTNEXTLINE(concurrency-mt-unsafe): as above
            return std::string(kThreadsVariable) + " is \"" + std::getenv(kThreadsVariable) +
                   "\", but must be a number from 1 to " + std::to_string(kMaxTimerThreads) +
                   "; set it to the number of timer threads, or unset it";
        }
        workers_ = std::make_unique<TimerWorker[]>(workers_count_);
    }
    for (; workers_started_ < workers_count_; ++workers_started_) {
        if (const std::error_code error = workers_[workers_started_].start()) {
            return "the monitor runtime could not start a thread (" + error.message() +
                   "); check the process's limits on threads and memory, and try again";
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
