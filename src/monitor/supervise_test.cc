// supervise: one winner, no stray interrupt, nothing left behind, nobody delayed by others' code.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <stop_token>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "base/alarm.h"
#include "monitor/report.h"
#include "monitor/test_support.h"

namespace curfew::test {
namespace {

const auto kNoInterrupt = [] {};

// Counts terminations by name.
class Terminations final : public MonitorObserver {
  public:
    void terminated(const monitor::Termination& termination) noexcept override {
        const std::lock_guard lock(mutex_);
        names_.emplace_back(termination.monitor);
    }
    std::vector<std::string> take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(names_, {});
    }

  private:
    std::mutex mutex_;
    std::vector<std::string> names_;
};

class ObservedTest : public ::testing::Test {
  protected:
    ObservedTest() { reporting::set_reporter(terminations_.get()); }
    ~ObservedTest() override { reporting::set_reporter(nullptr); }
    const std::unique_ptr<Terminations> terminations_ = std::make_unique<Terminations>();
};

// ---- one winner

// A built-in monitor under another name, and a custom one, both due at the same instant.
FunctionMonitor builtin_until(std::chrono::steady_clock::time_point time, std::string name) {
    return {std::move(name), [time](const Invocation& call) { return DeadlineMonitor(time).get_monitor(call); }};
}
FunctionMonitor custom_until(std::chrono::steady_clock::time_point time, std::string name) {
    return {std::move(name), [time](const Invocation&) -> Result<MonitorTask> {
                return
                    [](auto until, Counted) -> MonitorTask { co_await monitor::sleep_until(until); }(time, Counted());
            }};
}

class OneWinner : public ObservedTest {
  protected:
    template <typename Make>
    void race(Make make_monitors, int rounds) {
        int a = 0;
        for (int i = 0; i < rounds; ++i) {
            Interruptible work;
            const auto due = std::chrono::steady_clock::now() + 20us;
            const auto done = supervise(make_monitors(due), work.interrupt(), [&] { work.wait(); });
            ASSERT_FALSE(done);
            ASSERT_EQ(done.error().code, done.error().ran ? ErrorCode::cancelled : ErrorCode::not_run);
            const std::string& winner = done.error().terminated_by;
            ASSERT_TRUE(winner == "a" || winner == "b") << winner;
            ASSERT_EQ(terminations_->take(), std::vector<std::string>{winner});
            ASSERT_LE(work.interrupts(), 1);
            a += winner == "a";
        }
        RecordProperty("a_won", a);
        EXPECT_NOTHING_LEFT();
    }
};

TEST_F(OneWinner, OfTwoBuiltinMonitorsDueAtOnce) {
    race([](auto due) { return std::tuple{builtin_until(due, "a"), builtin_until(due, "b")}; }, 10000);
}
TEST_F(OneWinner, OfTwoCustomMonitorsDueAtOnce) {
    race([](auto due) { return std::tuple{custom_until(due, "a"), custom_until(due, "b")}; }, 10000);
}
TEST_F(OneWinner, OfBothKindsDueAtOnce) {
    race([](auto due) { return std::tuple{custom_until(due, "a"), builtin_until(due, "b")}; }, 10000);
}

// The work ends in the same instant as the monitor fires, before and after it, in small steps.
template <typename Set, typename MakeInterrupt>
void race_with_end(const Set& monitors, std::chrono::nanoseconds limit, MakeInterrupt make_interrupt) {
    constexpr int kRounds = 10000;
    std::vector<std::atomic<int>> interrupts(kRounds);
    std::vector<bool> cancelled(kRounds);
    int completed = 0;
    for (int i = 0; i < kRounds; ++i) {
        std::atomic<int>& mine = interrupts[static_cast<std::size_t>(i)];
        const auto length = limit * (i % 200) / 100;  // from nothing to twice the limit
        const auto done = supervise(monitors, make_interrupt([&mine] { ++mine; }), [&](const Invocation& call) {
            while (mine == 0 && std::chrono::steady_clock::now() < call.start() + length) {
            }
            return i;
        });
        if (done) {
            ASSERT_EQ(*done, i);
            ++completed;
        } else {
            ASSERT_EQ(done.error().code, done.error().ran ? ErrorCode::cancelled : ErrorCode::not_run);
        }
        cancelled[static_cast<std::size_t>(i)] = !done;
    }
    for (std::size_t i = 0; i < kRounds; ++i) {
        // None came after its call had returned. A cancelled one has had it, unless its work had not begun.
        ASSERT_LE(interrupts[i], cancelled[i] ? 1 : 0) << "round " << i;
    }
    EXPECT_GT(completed, 0);
    EXPECT_LT(completed, kRounds);
    EXPECT_NOTHING_LEFT();
}

TEST(WorkEnds, AsABuiltinMonitorFires) {
    race_with_end(std::tuple{WallClockMonitor(60us), quiet()}, 60us, [](auto f) { return monitor::prompt(f); });
}
TEST(WorkEnds, AsACustomMonitorFires) {
    race_with_end(timeout(60us), 120us, [](auto f) { return f; });
}

// ---- no gap

TEST(NoGap, MonitorThatFiresBeforeTheWorkGotAnywhereIsNotLost) {
    for (int i = 0; i < 1000; ++i) {
        Interruptible work;
        bool effect = false;
        const auto done = supervise(WallClockMonitor(20us), monitor::prompt(work.interrupt()), [&] {
            work.wait();  // a copy, say, that cannot be interrupted itself
            if (work.interrupts() == 0) effect = true;
        });
        ASSERT_FALSE(done);
        ASSERT_EQ(done.error().terminated_by, "wall-clock");
        ASSERT_FALSE(effect);
    }
}

TEST(NoGap, MonitorThatFiresWhileOthersStart) {
    for (int i = 0; i < 200; ++i) {
        bool ran = false;
        const FunctionMonitor slow("slow", [](const Invocation&) -> Result<MonitorTask> {
            std::this_thread::sleep_for(100us);
            return never();
        });
        const DeadlineMonitor due(std::chrono::steady_clock::now() + 10us);
        Interruptible work;
        const auto done = supervise(std::tuple{due, slow}, work.interrupt(), [&] {
            ran = true;
            work.wait();
        });
        ASSERT_FALSE(done);
        ASSERT_EQ(done.error().terminated_by, "deadline");
    }
    EXPECT_NOTHING_LEFT();
}

// ---- the interrupt

TEST(Interrupt, IsCalledOnARuntimeThreadAndSuperviseWaitsForIt) {
    for (const bool prompt : {false, true}) {
        Event interrupted;
        std::string name;
        std::atomic<bool> returned{false};
        const auto interrupt = [&] {
            name = thread_name();
            interrupted.set();
            std::this_thread::sleep_for(20ms);
            returned = true;
        };
        std::stop_source stop;
        const StopTokenMonitor monitor(stop.get_token());
        const auto work = [&] {
            stop.request_stop();  // not before: what has not begun is not interrupted
            interrupted.wait();
        };
        const auto done =
            prompt ? supervise(monitor, monitor::prompt(interrupt), work) : supervise(monitor, interrupt, work);
        ASSERT_FALSE(done);
        EXPECT_TRUE(returned);
        EXPECT_EQ(name, "curfew-monitor");
    }
}

TEST(Interrupt, ThatThrowsIsReported) {
    Event interrupted;
    std::stop_source stop;
    const auto done = supervise(
        StopTokenMonitor(stop.get_token()),
        [&] {
            interrupted.set();
            throw std::runtime_error("cannot reach it");
        },
        [&] {
            stop.request_stop();
            interrupted.wait();
        });
    ASSERT_FALSE(done);
    EXPECT_NE(done.error().message.find("cannot reach it"), std::string::npos) << done.error().message;
}

TEST(Interrupt, IsNotCalledByTheThreadThatCounts) {
    for (const bool prompt : {false, true}) {
        UsageMeter meter;
        Event interrupted;
        std::thread::id thread;
        const auto interrupt = [&] {
            thread = std::this_thread::get_id();
            interrupted.set();
        };
        const auto work = [&](const Invocation& call) {
            meter.add_bytes_printed(2);
            EXPECT_TRUE(call.cancelled());
            interrupted.wait();
        };
        const SuperviseOptions options{.meter = &meter};
        const auto done = prompt ? supervise(OutputMonitor(1), options, monitor::prompt(interrupt), work)
                                 : supervise(OutputMonitor(1), options, interrupt, work);
        ASSERT_FALSE(done);
        EXPECT_NE(thread, std::this_thread::get_id());
    }
}

// ---- stop tokens for what runs inside

TEST(StopTokens, EndWhatWaitsInside) {
    std::string callback_thread;
    Event called;
    // Long enough for the work to begin before the limit, and the callback to be there, on a busy machine.
    const auto done = supervise(WallClockMonitor(300ms), kNoInterrupt, [&](const Invocation& call) {
        const std::stop_token token = call.stop_token();
        const std::stop_callback callback(token, [&] {
            callback_thread = thread_name();
            called.set();
        });
        std::mutex mutex;
        std::condition_variable_any changed;
        std::unique_lock lock(mutex);
        EXPECT_FALSE(changed.wait_for(lock, token, 60s, [] { return false; }));
        EXPECT_TRUE(token.stop_requested());
        EXPECT_TRUE(called.wait());
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(callback_thread, "curfew-monitor");
}

TEST(StopTokens, AskedForAfterTheEnd) {
    Interruptible work;
    const auto done = supervise(WallClockMonitor(1ms), work.interrupt(), [&](const Invocation& call) {
        work.wait();
        EXPECT_TRUE(call.stop_token().stop_requested());
    });
    EXPECT_FALSE(done);
}

TEST(StopTokens, NotStoppedByANormalEnd) {
    std::stop_token token;
    EXPECT_TRUE(
        supervise(WallClockMonitor(1h), kNoInterrupt, [&](const Invocation& call) { token = call.stop_token(); }));
    EXPECT_FALSE(token.stop_requested());
}

// ---- a thread that waits

// As a cell does while it waits for its guest.
void wait_with_alarm(const std::atomic<bool>& interrupted) {
    base::Alarm* const alarm = base::Alarm::of_this_thread();
    ASSERT_NE(alarm, nullptr);
    for (const auto begin = std::chrono::steady_clock::now(); !interrupted;) {
        ASSERT_LT(std::chrono::steady_clock::now() - begin, 60s);
        std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(alarm->left(), 1s));
        alarm->ring();
    }
}

TEST(Supervise, AThreadThatWaitsLooksAfterItsOwnLimits) {
    if (const char* threads = std::getenv("CURFEW_MONITOR_THREADS");
        threads != nullptr && threads != std::string("1")) {
        GTEST_SKIP() << "there are timer threads that are not stuck";
    }
    const StuckTimerThread stuck;
    std::atomic<bool> interrupted = false;
    std::thread::id by;
    const auto interrupt = monitor::prompt([&] {
        by = std::this_thread::get_id();
        interrupted = true;
    });
    const auto done = supervise(std::tuple{WallClockMonitor(20ms), CpuTimeMonitor(10ms), WallClockMonitor(1h)},
                                interrupt, [&] { wait_with_alarm(interrupted); });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "wall-clock");
    EXPECT_GE(done.error().usage.wall_time, 20ms);
    EXPECT_EQ(by, std::this_thread::get_id());
}

TEST(Supervise, TheAlarmIsTheInnermostCallsThatHasMonitors) {
    const auto alarm = [] { return base::Alarm::of_this_thread(); };
    EXPECT_EQ(alarm(), nullptr);
    EXPECT_TRUE(supervise(WallClockMonitor(1h), kNoInterrupt, [&] {
        base::Alarm* const outer = alarm();
        ASSERT_NE(outer, nullptr);
        EXPECT_GT(outer->first(), 59min);
        EXPECT_LE(outer->left(), 1h);
        EXPECT_TRUE(supervise(WallClockMonitor(2h), kNoInterrupt, [&] { EXPECT_GT(alarm()->left(), 1h); }));
        EXPECT_TRUE(supervise(std::tuple<>{}, kNoInterrupt, [&] { EXPECT_EQ(alarm(), nullptr); }));
        EXPECT_EQ(alarm(), outer);
    }));
    EXPECT_EQ(alarm(), nullptr);
    EXPECT_TRUE(supervise(StopTokenMonitor(std::stop_source().get_token()), kNoInterrupt,
                          [&] { EXPECT_EQ(alarm()->left(), base::Alarm::kNotDue); }));
}

}  // namespace
}  // namespace curfew::test
