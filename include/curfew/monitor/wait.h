// How monitors wait. They name no runtime: whatever they await here, the shared monitor runtime resumes.
#ifndef CURFEW_MONITOR_WAIT_H
#define CURFEW_MONITOR_WAIT_H

#include <curfew/language.h>

#include <chrono>
#include <optional>
#include <stop_token>

#include <curfew/base/saturate.h>
#include <curfew/export.h>
#include <curfew/monitor/detail/timer.h>
#include <curfew/monitor/task.h>

namespace curfew::monitor {

// What the functions below return: co_await it at once, or keep it for later.
class Sleep;
class Stopped;
class Forever;

// co_await monitor::sleep_until(t): goes on at t, not before; how much later depends on the machine (0.1 ms
// is usual). time_point::max() means never. A time that has passed still suspends the task, so that what
// follows runs on the runtime's threads.
Sleep sleep_until(std::chrono::steady_clock::time_point time) noexcept;

// co_await monitor::sleep(d): the same, counted from now. Zero and less: at once. Durations too long for
// nanoseconds, and std::chrono::nanoseconds::max() itself, mean never.
template <typename Rep, typename Period>
Sleep sleep(std::chrono::duration<Rep, Period> duration) noexcept;

// co_await monitor::stopped(token): goes on when a stop is requested. A token without a source never does.
Stopped stopped(std::stop_token token) noexcept;

// co_await monitor::forever(): never goes on; the task ends when its invocation does.
Forever forever() noexcept;

namespace detail {

class CURFEW_EXPORT SleepAwaiter final : public WaitSource, public Timer {
  public:
    explicit SleepAwaiter(base::SteadyTime time) noexcept : time_(time.time_since_epoch().count()) {}

    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> frame) noexcept {
        task_ = &frame.promise();
        task_->wait_for(*this);
    }
    void await_resume() const noexcept {}

    bool park(Task& task) noexcept override;
    void withdraw(Task& task) noexcept override;
    bool claim_expiry() noexcept override;
    void expire() noexcept override;

  private:
    TimerTime time_;
    Task* task_ = nullptr;
};

class CURFEW_EXPORT StopAwaiter final : public WaitSource {
  public:
    explicit StopAwaiter(std::stop_token token) noexcept : token_(std::move(token)) {}

    bool await_ready() const noexcept { return token_.stop_requested(); }
    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> frame) noexcept {
        frame.promise().wait_for(*this);
    }
    void await_resume() const noexcept {}

    bool park(Task& task) noexcept override;
    void withdraw(Task& task) noexcept override;

  private:
    struct Wake {
        Task* task;
        void operator()() const noexcept;
    };
    std::stop_token token_;
    std::optional<std::stop_callback<Wake>> callback_;
};

class ForeverAwaiter final : public WaitSource {
  public:
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> frame) noexcept {
        frame.promise().wait_for(*this);
    }
    void await_resume() const noexcept {}

    bool park(Task& task) noexcept override { return task.park(); }
    void withdraw(Task&) noexcept override {}
};

}  // namespace detail

class [[nodiscard]] Sleep : public detail::Awaitable {
  public:
    explicit Sleep(base::SteadyTime time) noexcept : time_(time) {}
    detail::SleepAwaiter awaiter() const noexcept { return detail::SleepAwaiter(time_); }

  private:
    base::SteadyTime time_;
};

class [[nodiscard]] Stopped : public detail::Awaitable {
  public:
    explicit Stopped(std::stop_token token) noexcept : token_(std::move(token)) {}
    detail::StopAwaiter awaiter() const noexcept { return detail::StopAwaiter(token_); }

  private:
    std::stop_token token_;
};

class [[nodiscard]] Forever : public detail::Awaitable {
  public:
    detail::ForeverAwaiter awaiter() const noexcept { return {}; }
};

inline Sleep sleep_until(std::chrono::steady_clock::time_point time) noexcept { return Sleep(time); }

template <typename Rep, typename Period>
Sleep sleep(std::chrono::duration<Rep, Period> duration) noexcept {
    return sleep_until(base::saturating_add(std::chrono::steady_clock::now(), base::saturate(duration)));
}

inline Stopped stopped(std::stop_token token) noexcept { return Stopped(std::move(token)); }

inline Forever forever() noexcept { return {}; }

}  // namespace curfew::monitor

#endif
