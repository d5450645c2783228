// UsageMeter: what a running invocation has used so far. Who runs the invocation counts; monitors watch the counts
// without polling: they wait for a counter to exceed a limit, and the increment that exceeds it wakes them.
//
// Cost: with no threshold armed, or none reached, an increment is one atomic addition and one comparison.
#ifndef CURFEW_MONITOR_USAGE_METER_H
#define CURFEW_MONITOR_USAGE_METER_H

#include <curfew/language.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <limits>
#include <optional>

#include <curfew/base/saturate.h>
#include <curfew/export.h>
#include <curfew/monitor/detail/mutex.h>
#include <curfew/monitor/task.h>
#include <curfew/usage.h>

namespace curfew {

enum class Counter : unsigned {
    host_calls,           // host calls begun
    host_calls_finished,  // host calls that have returned
    bytes_in,             // bytes passed into the guest
    bytes_out,            // bytes passed out: results and host functions' arguments
    bytes_printed,        // bytes that the guest printed, as Usage::bytes_printed says
    output,               // bytes_out + bytes_printed
    pauses_finished,      // pauses of an invocation in pieces that are over: it runs again
    heap,                 // bytes allocated on the guest's heap now; the only one that can fall; stays the last
};
inline constexpr unsigned kCounters = static_cast<unsigned>(Counter::heap) + 1;

namespace monitor {
class Threshold;
namespace detail {
class ThresholdAwaiter;
}
}  // namespace monitor

enum class HostSpan;
template <HostSpan kSpan>
class HostScope;

// Counting functions may be called from any thread; usually it is the one that runs the invocation. Reading
// is thread-safe at any time. reset() must not race with anything.
class CURFEW_EXPORT UsageMeter {
  public:
    static constexpr std::uint64_t kNoThreshold = std::numeric_limits<std::uint64_t>::max();

    UsageMeter() = default;
    UsageMeter(const UsageMeter&) = delete;
    UsageMeter& operator=(const UsageMeter&) = delete;

    // Counting. Host calls are counted by HostCallScope. Counters stop at 2^64 - 1 rather than wrap around.
    void add_bytes_in(std::uint64_t bytes) noexcept { add(Counter::bytes_in, bytes); }
    void add_bytes_out(std::uint64_t bytes) noexcept {
        add(Counter::bytes_out, bytes);
        add(Counter::output, bytes);
    }
    void add_bytes_printed(std::uint64_t bytes) noexcept {
        add(Counter::bytes_printed, bytes);
        add(Counter::output, bytes);
    }
    void set_heap(std::uint64_t bytes) noexcept;

    // Reading.
    std::uint64_t value(Counter counter) const noexcept {
        return counts_[static_cast<unsigned>(counter)].value.load(std::memory_order_relaxed);
    }
    std::uint64_t peak_heap() const noexcept { return peak_heap_.load(std::memory_order_relaxed); }

    // CPU time that host calls have used, the present one included; nothing if the clock cannot be read.
    std::optional<std::chrono::nanoseconds> host_cpu_time() const noexcept;

    // Wall time spent in host calls, the present one included, and whether one is going on.
    struct HostCallTime {
        std::chrono::nanoseconds spent{};
        bool in_call = false;
        std::uint64_t finished = 0;  // calls that had returned when this was read
    };
    HostCallTime host_call_time(std::chrono::steady_clock::time_point now) const noexcept;

    // Likewise of pauses, in which nothing of the invocation runs. Who finds one going on can wait for its end: for more
    // Counter::pauses_finished than there are.
    struct PauseTime {
        std::chrono::nanoseconds spent{};
        bool paused = false;
        std::uint64_t finished = 0;
    };
    PauseTime pause_time(std::chrono::steady_clock::time_point now) const noexcept;

    // For who runs an invocation in pieces, between two of them. Pauses do not nest.
    void begin_pause() noexcept;
    void end_pause() noexcept;

    // The counters as a Usage. Wall and CPU time are not the meter's business and stay zero.
    Usage snapshot() const noexcept;

    // co_await meter.exceeds(counter, limit): goes on when the counter is greater than the limit.
    monitor::Threshold exceeds(Counter counter, std::uint64_t limit) const noexcept;

    // What the calling thread does for the guest is done by another thread from here on, whose clock this is, until
    // take_work_back(): its CPU time counts, and not the caller's. REQUIRES: inside of a HostScope, on its thread.
    void hand_work_over(clockid_t clock) noexcept;
    void take_work_back() noexcept;

    // The lowest limit that a monitor waits for on this counter, or kNoThreshold. Who counts in batches (a
    // guest's allocator, say) can use it to report no later than when the limit is exceeded.
    std::uint64_t next_threshold(Counter counter) const noexcept {
        return counts_[static_cast<unsigned>(counter)].threshold.load(std::memory_order_relaxed);
    }

    // Counts what an invocation has used that goes on here. After reset(), before anybody counts or reads.
    void go_on_from(const Usage& before) noexcept;

    // Back to zero, for the next invocation. The first thing to do with one that a forked child has inherited.
    void reset() noexcept;

  private:
    template <HostSpan>
    friend class HostScope;
    friend class monitor::detail::ThresholdAwaiter;

    void add(Counter counter, std::uint64_t amount) noexcept {
        Count& count = counts_[static_cast<unsigned>(counter)];
        // Sequentially consistent, like the arming of a threshold: either this addition sees the new
        // threshold or the arming sees the new value. On x86-64 that costs nothing over a relaxed addition.
        const std::uint64_t before = count.value.fetch_add(amount, std::memory_order_seq_cst);
        const std::uint64_t after = before + amount;
        if (after < before) [[unlikely]] {
            count.value.store(kNoThreshold, std::memory_order_seq_cst);
            reached(counter, kNoThreshold);
        } else if (after > count.threshold.load(std::memory_order_seq_cst)) [[unlikely]] {
            reached(counter, after);
        }
    }
    void reached(Counter counter, std::uint64_t value) noexcept;
    void update_threshold(unsigned index) noexcept CURFEW_REQUIRES(mutex_);
    void link(monitor::detail::ThresholdAwaiter& awaiter) const noexcept CURFEW_REQUIRES(mutex_);
    void unlink(monitor::detail::ThresholdAwaiter& awaiter) const noexcept CURFEW_REQUIRES(mutex_);
    void measure(clockid_t clock) noexcept;
    void enter_host_work() noexcept;
    void leave_host_work() noexcept;
    void enter_host_call() noexcept;
    void leave_host_call() noexcept;

    // One counter, and the lowest limit that a monitor waits for on it. Beside each other, because every increment reads both.
    struct Count {
        std::atomic<std::uint64_t> value{0};
        mutable std::atomic<std::uint64_t> threshold{kNoThreshold};
    };
    std::array<Count, kCounters> counts_;
    std::atomic<std::uint64_t> peak_heap_{0};

    // A sum of spans that one thread begins and ends and others read at any time, without waiting for it: sum
    // and state are one word. While a span runs the word holds the finished spans less the running one's
    // begin, so that adding the time of now gives the whole.
    class Stopwatch {
      public:
        struct Reading {
            std::int64_t sum;
            bool running;
            std::int64_t at(std::int64_t now) const noexcept {
                const std::int64_t whole = running ? sum + now : sum;
                return whole > 0 ? whole : 0;
            }
        };
        void begin(std::int64_t now) noexcept { store({load().sum - now, true}); }
        void end(std::int64_t now) noexcept { store({load().sum + now, false}); }
        void clear() noexcept { store({0, false}); }
        void set(std::int64_t sum) noexcept { store({sum, false}); }
        // Acquire, release: who sees a span running also sees the clock that it is measured by.
        Reading load() const noexcept {
            const std::int64_t word = word_.load(std::memory_order_acquire);
            return {word >> 1, (word & 1) != 0};
        }

      private:
        void store(Reading reading) noexcept {
            word_.store(reading.sum * 2 + (reading.running ? 1 : 0), std::memory_order_release);
        }
        std::atomic<std::int64_t> word_{0};
    };
    Stopwatch host_wall_;
    Stopwatch host_cpu_;
    Stopwatch pause_wall_;
    std::atomic<clockid_t> worker_clock_{0};  // of the thread that host_cpu_ measures
    unsigned depth_ = 0;                      // nested scopes; only touched by the calling thread
    unsigned work_depth_ = 0;                 // likewise, of both kinds

    std::uint64_t forks_ = 0;  // at the latest reset()
    mutable monitor::detail::Mutex mutex_;
    mutable monitor::detail::ThresholdAwaiter* waiting_ CURFEW_GUARDED_BY(mutex_) = nullptr;
};

enum class HostSpan { call, work };

// What the host does at the guest's request, from construction to destruction, on the thread that runs the invocation:
// measures the CPU time of that thread meanwhile. Nested scopes count time only once.
template <HostSpan kSpan>
class [[nodiscard]] HostScope {
  public:
    explicit HostScope(UsageMeter& meter) noexcept : meter_(meter) {
        kSpan == HostSpan::call ? meter_.enter_host_call() : meter_.enter_host_work();
    }
    ~HostScope() { kSpan == HostSpan::call ? meter_.leave_host_call() : meter_.leave_host_work(); }
    HostScope(const HostScope&) = delete;
    HostScope& operator=(const HostScope&) = delete;

  private:
    UsageMeter& meter_;
};

// A call of a host function: is counted, and measured by the wall clock too. Nested ones count as calls each.
using HostCallScope = HostScope<HostSpan::call>;

// Other work, such as finding a module: its CPU time is charged like that of a host call, but it is not counted as one.
using HostWorkScope = HostScope<HostSpan::work>;

namespace monitor::detail {

class CURFEW_EXPORT ThresholdAwaiter final : public WaitSource {
  public:
    ThresholdAwaiter(const UsageMeter& meter, Counter counter, std::uint64_t limit) noexcept
        : meter_(meter), counter_(static_cast<unsigned>(counter)), limit_(limit) {}

    bool await_ready() const noexcept {
        return meter_.counts_[counter_].value.load(std::memory_order_relaxed) > limit_;
    }
    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> frame) noexcept {
        task_ = &frame.promise();
        task_->wait_for(*this);
    }
    void await_resume() const noexcept {}

    bool park(Task& task) noexcept override;
    void withdraw(Task& task) noexcept override;
    void forget(Task& task) noexcept override CURFEW_NO_THREAD_SAFETY_ANALYSIS;  // nobody else is there

  private:
    friend class curfew::UsageMeter;
    const UsageMeter& meter_;
    const unsigned counter_;
    const std::uint64_t limit_;
    Task* task_ = nullptr;
    ThresholdAwaiter* next_ = nullptr;
    ThresholdAwaiter* previous_ = nullptr;
    bool linked_ = false;
};

}  // namespace monitor::detail

// What UsageMeter::exceeds returns: co_await it.
class [[nodiscard]] monitor::Threshold : public monitor::detail::Awaitable {
  public:
    Threshold(const UsageMeter& meter, Counter counter, std::uint64_t limit) noexcept
        : meter_(meter), counter_(counter), limit_(limit) {}
    monitor::detail::ThresholdAwaiter awaiter() const noexcept { return {meter_, counter_, limit_}; }

  private:
    const UsageMeter& meter_;
    Counter counter_;
    std::uint64_t limit_;
};

inline monitor::Threshold UsageMeter::exceeds(Counter counter, std::uint64_t limit) const noexcept {
    return {*this, counter, limit};
}

}  // namespace curfew

#endif
