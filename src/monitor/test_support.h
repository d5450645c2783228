// What the monitors' tests share: work that can be interrupted, and monitors that do as they are told.
#ifndef CURFEW_SRC_MONITOR_TEST_SUPPORT_H
#define CURFEW_SRC_MONITOR_TEST_SUPPORT_H

#include <pthread.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <curfew/monitor.h>

#include "base/clock.h"

namespace curfew::test {

using namespace std::chrono_literals;

inline std::string thread_name() {
    std::array<char, 32> name{};
    ::pthread_getname_np(::pthread_self(), name.data(), name.size());
    return name.data();
}

// A flag that one thread waits for and another sets. Waiting for longer than a minute counts as a hang.
class Event {
  public:
    void set() {
        std::lock_guard lock(mutex_);
        set_ = true;
        changed_.notify_all();
    }
    bool is_set() const {
        std::lock_guard lock(mutex_);
        return set_;
    }
    bool wait(std::chrono::nanoseconds longest = 60s) const {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, longest, [this] { return set_; });
    }

  private:
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    bool set_ = false;
};

// Work that waits, or burns CPU time, until it is interrupted.
class Interruptible {
  public:
    auto interrupt() {
        return [this] {
            interrupts_.fetch_add(1);
            interrupted_.set();
        };
    }
    bool wait() { return interrupted_.wait(); }
    void burn() {
        while (!interrupted_flag()) {
        }
    }
    // Burns this much CPU time of the calling thread, or less if interrupted.
    void burn(std::chrono::nanoseconds amount) {
        const auto end = base::thread_cpu_time() + amount;
        while (!interrupted_flag() && base::thread_cpu_time() < end) {
        }
    }
    int interrupts() const { return interrupts_.load(); }

  private:
    bool interrupted_flag() const { return interrupts_.load(std::memory_order_relaxed) > 0; }
    std::atomic<int> interrupts_{0};
    Event interrupted_;
};

// Counts its living copies, inside coroutine frames for example.
class Counted {
  public:
    Counted() { ++alive; }
    Counted(const Counted&) { ++alive; }
    Counted(Counted&&) noexcept { ++alive; }
    Counted& operator=(const Counted&) = default;
    Counted& operator=(Counted&&) = default;
    ~Counted() { --alive; }
    static inline std::atomic<int> alive{0};
};

// A monitor made of a function: what get_monitor does.
class FunctionMonitor {
  public:
    using Function = std::function<Result<MonitorTask>(const Invocation&)>;
    FunctionMonitor(std::string name, Function function) : name_(std::move(name)), function_(std::move(function)) {}
    Result<MonitorTask> get_monitor(const Invocation& call) const { return function_(call); }
    std::string_view name() const noexcept { return name_; }

  private:
    std::string name_;
    Function function_;
};

// Tasks for FunctionMonitor. All hold a Counted.
inline MonitorTask never(Counted = {}) { co_await monitor::forever(); }
inline MonitorTask at_once(Counted = {}) { co_return; }
inline MonitorTask after(std::chrono::nanoseconds delay, Counted = {}) { co_await monitor::sleep(delay); }
inline MonitorTask when(std::stop_token token, Counted = {}) { co_await monitor::stopped(std::move(token)); }

inline FunctionMonitor quiet(std::string name = "quiet") {
    return {std::move(name), [](const Invocation&) -> Result<MonitorTask> { return never(); }};
}
inline FunctionMonitor immediate(std::string name = "immediate") {
    return {std::move(name), [](const Invocation&) -> Result<MonitorTask> { return at_once(); }};
}
inline FunctionMonitor timeout(std::chrono::nanoseconds delay, std::string name = "timeout") {
    return {std::move(name), [delay](const Invocation&) -> Result<MonitorTask> { return after(delay); }};
}

inline bool timeout_works() {
    Interruptible work;
    const auto done = supervise(WallClockMonitor(1ms), work.interrupt(), [&] { work.wait(); });
    return !done && done.error().terminated_by == "wall-clock";
}
inline bool custom_timeout_works() {
    Interruptible work;
    const auto done = supervise(timeout(1ms), work.interrupt(), [&] { work.wait(); });
    return !done && done.error().terminated_by == "timeout";
}

// For processes that tests make: ends one without any clean-up, and says whether all was well.
constexpr int kGood = 0;
[[noreturn]] inline void leave(bool good) { std::_Exit(good ? kGood : 1); }

// After all calls have returned. A macro's job, so that failures name the test's line.
#define EXPECT_NOTHING_LEFT()                                 \
    do {                                                      \
        EXPECT_EQ(Counted::alive, 0);                         \
        EXPECT_EQ(monitor::runtime_stats().frames_alive, 0u); \
        EXPECT_EQ(monitor::runtime_stats().timers_armed, 0u); \
    } while (false)

// Keeps the timer thread from doing anything as long as it exists, by an interrupt that promises not to block, and does. All
// limits of other calls are then in the hands of their own threads.
class StuckTimerThread {
  public:
    StuckTimerThread()
        : caller_([this] {
              const auto interrupt = monitor::prompt([this] {
                  stuck_.set();
                  released_.wait();
              });
              // Nobody is interrupted if the limit was reached before the work began.
              while (!supervise(WallClockMonitor(1ms), interrupt, [this] { released_.wait(); }) && !stuck_.is_set()) {
              }
          }) {
        stuck_.wait();
    }
    ~StuckTimerThread() {
        released_.set();
        caller_.join();
    }
    StuckTimerThread(const StuckTimerThread&) = delete;
    StuckTimerThread& operator=(const StuckTimerThread&) = delete;

  private:
    Event stuck_;
    Event released_;
    std::thread caller_;
};

}  // namespace curfew::test

#endif
