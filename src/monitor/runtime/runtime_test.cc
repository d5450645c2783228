// The runtime: how seldom it wakes, what happens when it cannot start, static destructors.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <random>
#include <set>
#include <stop_token>
#include <thread>
#include <vector>

#include "monitor/runtime/shared_runtime.h"
#include "monitor/runtime/thread.h"
#include "monitor/runtime/timer_heap.h"
#include "monitor/test_support.h"

namespace curfew::test {
namespace {

using monitor::detail::fail_thread_starts;
using monitor::detail::ThreadRole;

const auto kNoInterrupt = [] {};

// Tests that need a process of their own: gtest starts the program anew for each.
class OwnProcess : public ::testing::Test {
  protected:
    OwnProcess() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};
const auto kExitsWell = ::testing::ExitedWithCode(kGood);

// ---- timers

class TestTimer final : public monitor::detail::Timer {
  public:
    bool claim_expiry() noexcept override { return true; }
    void expire() noexcept override {}
};

TEST(TimerHeap, KeepsOrderWhateverComesAndGoes) {
    using monitor::detail::TimerHeap;
    TimerHeap heap;
    std::vector<TestTimer> timers(500);
    std::multiset<monitor::detail::TimerTime> expected;
    std::minstd_rand random(7);
    for (int i = 0; i < 20000; ++i) {
        TestTimer& timer = timers[random() % timers.size()];
        if (timer.link.queued) {
            expected.erase(expected.find(timer.link.due));
            heap.remove(timer);
        } else {
            const auto due = static_cast<monitor::detail::TimerTime>(random() % 1000);
            expected.insert(due);
            heap.insert(timer, due);
        }
        ASSERT_EQ(heap.size(), expected.size());
        ASSERT_EQ(heap.earliest(), expected.empty() ? monitor::detail::kNever : *expected.begin());
    }
    while (!heap.empty()) {
        ASSERT_EQ(heap.earliest(), *expected.begin());
        expected.erase(expected.begin());
        heap.remove(*heap.first());
    }
}

// Invocations inside invocations, so that one thread has many armed.
void armed_at_once(int count, const std::function<void()>& inside) {
    if (count == 0) return inside();
    EXPECT_TRUE(supervise(std::tuple{WallClockMonitor(5s), CpuTimeMonitor(5s)}, kNoInterrupt,
                          [&] { armed_at_once(count - 1, inside); }));
}

TEST(WakeUps, NoneWhileArmedInvocationsIdle) {
    armed_at_once(500, [] {
        EXPECT_EQ(monitor::runtime_stats().timers_armed, 1000u);
        std::this_thread::sleep_for(50ms);  // the arming of the first one may still wake the runtime
        const auto before = monitor::runtime_stats();
        std::this_thread::sleep_for(300ms);
        EXPECT_EQ(monitor::runtime_stats().timer_wake_ups, before.timer_wake_ups);
        EXPECT_EQ(monitor::runtime_stats().job_wake_ups, before.job_wake_ups);
    });
    EXPECT_EQ(monitor::runtime_stats().timers_armed, 0u);
}

TEST(WakeUps, FewForManyShortCalls) {
    const auto before = monitor::runtime_stats().timer_wake_ups;
    for (int i = 0; i < 100000; ++i) ASSERT_TRUE(supervise(WallClockMonitor(60s), kNoInterrupt, [] {}));
    EXPECT_LE(monitor::runtime_stats().timer_wake_ups - before, 3u);
}

// A clock by which the invocation uses a part of the wall-clock time as CPU time.
class PartOfWallTime final : public CpuClock {
  public:
    explicit PartOfWallTime(double part) : part_(part) {}
    std::optional<std::chrono::nanoseconds> now() const noexcept override {
        return std::chrono::duration_cast<std::chrono::nanoseconds>((std::chrono::steady_clock::now() - start_) *
                                                                    part_);
    }

  private:
    double part_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

TEST(WakeUps, AtMostThreeForABusyOneUnderACpuLimit) {
    const PartOfWallTime busy(1.0);
    Interruptible work;
    const auto before = monitor::runtime_stats().timer_wake_ups;
    const auto done =
        supervise(CpuTimeMonitor(500ms), {.cpu_clock = &busy}, monitor::prompt(work.interrupt()), [&] { work.wait(); });
    ASSERT_FALSE(done);
    // The first is for being armed: it is the earliest timer.
    EXPECT_LE(monitor::runtime_stats().timer_wake_ups - before, 3u);
}

TEST(WakeUps, AtMostTwelveForOneThatSleepsMostOfTheTime) {
    const PartOfWallTime sleepy(0.02);
    const auto before = monitor::runtime_stats().timer_wake_ups;
    EXPECT_TRUE(supervise(CpuTimeMonitor(500ms), {.cpu_clock = &sleepy}, kNoInterrupt,
                          [] { std::this_thread::sleep_for(5s); }));
    EXPECT_LE(monitor::runtime_stats().timer_wake_ups - before, 12u);
}

TEST(WakeUps, RareForOneThatHasNearlyUsedUpItsLimitAndSleeps) {
    class Still final : public CpuClock {
        std::optional<std::chrono::nanoseconds> now() const noexcept override {
            return readings_.fetch_add(1) == 0 ? 0ns : std::chrono::nanoseconds(100ms - 1us);
        }
        mutable std::atomic<int> readings_{0};
    };
    const Still still;
    const auto before = monitor::runtime_stats().timer_wake_ups;
    EXPECT_TRUE(supervise(CpuTimeMonitor(100ms), {.cpu_clock = &still}, kNoInterrupt,
                          [] { std::this_thread::sleep_for(600ms); }));
    // 500 ms with 1 us left: every 50 us would be 10,000.
    EXPECT_LE(monitor::runtime_stats().timer_wake_ups - before, 200u);
}

// ---- threads and failures to start

TEST_F(OwnProcess, ThreadsVariableIsObeyed) {
    const auto threads = [](const char* value) -> std::size_t {
        ::setenv("CURFEW_MONITOR_THREADS", value, 1);
        return timeout_works() ? monitor::runtime_stats().timer_threads : 0;
    };
    EXPECT_EXIT(leave(threads("3") == 3), kExitsWell, "");
    EXPECT_EXIT(leave(threads("") == 1), kExitsWell, "");
}

TEST_F(OwnProcess, NothingIsStartedBeforeItIsNeeded) {
    EXPECT_EXIT(
        {
            static_cast<void>(supervise(std::tuple<>{}, kNoInterrupt, [] {}));
            const bool none = monitor::runtime_stats().timer_threads == 0;
            static_cast<void>(supervise(WallClockMonitor(1h), monitor::prompt(kNoInterrupt), [] {}));
            leave(none && monitor::runtime_stats().timer_threads == 1 && monitor::runtime_stats().job_threads == 0);
        },
        kExitsWell, "");
}

TEST_F(OwnProcess, WrongThreadsVariableFailsClosed) {
    for (const char* const value : {"0", "-1", "65", "many", "1x", "99999999999999999999"}) {
        EXPECT_EXIT(
            {
                ::setenv("CURFEW_MONITOR_THREADS", value, 1);
                bool ran = false;
                const auto done = supervise(WallClockMonitor(1s), kNoInterrupt, [&] { ran = true; });
                leave(!done && !ran && done.error().code == ErrorCode::monitor_failed &&
                      done.error().message.find("CURFEW_MONITOR_THREADS") != std::string::npos &&
                      done.error().message.find("from 1 to 64") != std::string::npos);
            },
            kExitsWell, "")
            << value;
    }
}

TEST_F(OwnProcess, FailureToStartIsReported) {
    EXPECT_EXIT(
        {
            fail_thread_starts(ThreadRole::timer);
            bool ran = false;
            const auto done = supervise(std::tuple{WallClockMonitor(1s), quiet()}, kNoInterrupt, [&] { ran = true; });
            const bool told =
                !done && done.error().code == ErrorCode::monitor_failed &&
                done.error().message.find("execution monitor failed to start: \"wall-clock\"") != std::string::npos &&
                done.error().message.find("could not start a thread") != std::string::npos;
            const bool unmonitored = supervise(std::tuple<>{}, kNoInterrupt, [] {}).has_value();
            leave(told && !ran && unmonitored && Counted::alive == 0);
        },
        kExitsWell, "");
}

TEST_F(OwnProcess, OutageAtTheStartEndsWithItsCause) {
    EXPECT_EXIT(
        {
            const auto works = [] {
                return supervise(WallClockMonitor(1h), monitor::prompt(kNoInterrupt), [] {}).has_value();
            };
            fail_thread_starts(ThreadRole::timer);
            // Seldom tried while it lasts.
            const auto start = std::chrono::steady_clock::now();
            bool refused = true;
            for (int i = 0; i < 1000; ++i) refused = refused && !works();
            const auto most = 1 + static_cast<std::size_t>((std::chrono::steady_clock::now() - start) /
                                                           monitor::detail::SharedRuntime::kBetweenStarts);
            const bool seldom = monitor::detail::thread_starts_failed() <= most;
            const bool none = monitor::runtime_stats().timer_threads == 0;

            fail_thread_starts(ThreadRole::none);
            const auto patience = std::chrono::steady_clock::now() + 60s;
            while (!works() && std::chrono::steady_clock::now() < patience) std::this_thread::sleep_for(1ms);
            leave(refused && seldom && none && timeout_works() && monitor::runtime_stats().timer_threads == 1);
        },
        kExitsWell, "");
}

TEST_F(OwnProcess, WrongThreadsVariableCanBeCorrected) {
    EXPECT_EXIT(
        {
            ::setenv("CURFEW_MONITOR_THREADS", "many", 1);
            const bool refused = !supervise(WallClockMonitor(1h), monitor::prompt(kNoInterrupt), [] {});
            ::setenv("CURFEW_MONITOR_THREADS", "2", 1);
            std::this_thread::sleep_for(monitor::detail::SharedRuntime::kBetweenStarts);
            leave(refused && timeout_works() && monitor::runtime_stats().timer_threads == 2);
        },
        kExitsWell, "");
}

TEST_F(OwnProcess, CustomMonitorsFailClosedWithoutAThreadForThem) {
    EXPECT_EXIT(
        {
            fail_thread_starts(ThreadRole::job);
            bool ran = false;
            const auto custom = supervise(quiet(), monitor::prompt(kNoInterrupt), [&] { ran = true; });
            const auto blocking = supervise(WallClockMonitor(1h), kNoInterrupt, [&] { ran = true; });
            const auto builtin = supervise(WallClockMonitor(1h), monitor::prompt(kNoInterrupt), [] {});
            bool stopped = false;
            const auto inside =
                supervise(WallClockMonitor(1h), monitor::prompt(kNoInterrupt), [&](const Invocation& call) {
                    stopped = call.stop_token().stop_requested();
                    return call.cancelled();
                });
            Interruptible work;
            const auto ended =
                supervise(WallClockMonitor(1ms), monitor::prompt(work.interrupt()), [&](const Invocation& call) {
                    static_cast<void>(call.stop_token());
                    work.wait();
                });
            leave(stopped && inside == false && !ended && !custom && custom.error().code == ErrorCode::monitor_failed &&
                  !blocking && !ran && builtin && Counted::alive == 0);
        },
        kExitsWell, "");
}

// A task that cannot go on ends its invocation, rather than leave it unlimited.
TEST_F(OwnProcess, TaskThatFindsNoThreadLaterEndsItsInvocation) {
    EXPECT_EXIT(
        {
            Event release;
            Event blocked;
            std::stop_source go;
            const FunctionMonitor blocking("blocking", [&](const Invocation&) -> Result<MonitorTask> {
                return [](std::stop_token token, Event& b, Event& r) -> MonitorTask {
                    co_await monitor::stopped(std::move(token));
                    b.set();
                    r.wait();
                }(go.get_token(), blocked, release);
            });
            std::thread blocker([&] {
                Interruptible work;
                static_cast<void>(supervise(blocking, monitor::prompt(work.interrupt()), [&] {
                    fail_thread_starts(ThreadRole::job);
                    go.request_stop();
                    work.wait();
                }));
            });
            bool good = blocked.wait();
            Interruptible work;
            const auto done = supervise(timeout(30ms), monitor::prompt(work.interrupt()), [&] { work.wait(); });
            good = good && !done && done.error().code == ErrorCode::cancelled &&
                   done.error().message.find("no thread could be had") != std::string::npos;
            release.set();
            blocker.join();
            leave(good && Counted::alive == 0);
        },
        kExitsWell, "");
}

// ---- static destructors

struct MonitorsAtExit {
    bool wanted = false;
    ~MonitorsAtExit() {
        if (wanted && !(timeout_works() && custom_timeout_works())) std::_Exit(1);
    }
};
MonitorsAtExit g_at_exit;

TEST_F(OwnProcess, MonitorsWorkWhileStaticDestructorsRun) {
    EXPECT_EXIT(
        {
            g_at_exit.wanted = true;
            std::exit(timeout_works() ? kGood : 1);
        },
        kExitsWell, "");
    EXPECT_EXIT(
        {
            g_at_exit.wanted = true;  // the runtime starts only there
            std::exit(kGood);
        },
        kExitsWell, "");
}

}  // namespace
}  // namespace curfew::test
