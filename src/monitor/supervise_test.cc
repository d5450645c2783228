// supervise: one winner, no stray interrupt, nothing left behind, nobody delayed by others' code.
#include <gtest/gtest.h>

#include <condition_variable>
#include <random>
#include <stop_token>
#include <thread>
#include <vector>

#include "monitor/test_support.h"

namespace curfew::test {
namespace {

const auto kNoInterrupt = [] {};

// Counts terminations by name.
class Terminations final : public monitor::Observer {
  public:
    void terminated(const monitor::Termination& termination) noexcept override {
        const std::lock_guard lock(mutex_);
        names_.emplace_back(termination.monitor);
    }
    void warned(const monitor::Warning&) noexcept override {}
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
    ObservedTest() : terminations_(std::make_shared<Terminations>()) { monitor::set_observer(terminations_); }
    ~ObservedTest() override { monitor::set_observer(nullptr); }
    std::shared_ptr<Terminations> terminations_;
};

void expect_nothing_left() {
    EXPECT_EQ(Counted::alive, 0);
    EXPECT_EQ(monitor::runtime_stats().frames_alive, 0u);
    EXPECT_EQ(monitor::runtime_stats().timers_armed, 0u);
}

// ---- one winner

// A built-in monitor under another name, and a custom one, both due at the same instant.
FunctionMonitor builtin_until(std::chrono::steady_clock::time_point time, std::string name) {
    return {std::move(name),
            [time](const Invocation& call) { return DeadlineMonitor(time).get_monitor(call); }};
}
FunctionMonitor custom_until(std::chrono::steady_clock::time_point time, std::string name) {
    return {std::move(name), [time](const Invocation&) -> Result<MonitorTask> {
                return [](auto until, Counted) -> MonitorTask { co_await monitor::sleep_until(until); }(
                                                   time, Counted());
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
            ASSERT_EQ(done.error().code, ErrorCode::cancelled);
            const std::string& winner = done.error().terminated_by;
            ASSERT_TRUE(winner == "a" || winner == "b") << winner;
            ASSERT_EQ(terminations_->take(), std::vector<std::string>{winner});
            ASSERT_LE(work.interrupts(), 1);
            a += winner == "a";
        }
        RecordProperty("a_won", a);
        expect_nothing_left();
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
        const auto done =
            supervise(monitors, make_interrupt([&mine] { ++mine; }), [&](const Invocation& call) {
                while (mine == 0 && std::chrono::steady_clock::now() < call.start() + length) {
                }
                return i;
            });
        if (done) {
            ASSERT_EQ(*done, i);
            ++completed;
        } else {
            ASSERT_EQ(done.error().code, ErrorCode::cancelled);
        }
        cancelled[static_cast<std::size_t>(i)] = !done;
    }
    for (std::size_t i = 0; i < kRounds; ++i) {
        // None came after its call had returned. A cancelled one has had it, unless its work had not begun.
        ASSERT_LE(interrupts[i], cancelled[i] ? 1 : 0) << "round " << i;
    }
    EXPECT_GT(completed, 0);
    EXPECT_LT(completed, kRounds);
    expect_nothing_left();
}

TEST(WorkEnds, AsABuiltinMonitorFires) {
    race_with_end(std::tuple{WallClockMonitor(60us), quiet()}, 60us,
                  [](auto f) { return monitor::prompt(f); });
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
    expect_nothing_left();
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
        const auto work = [&] { interrupted.wait(); };
        const auto done = prompt ? supervise(WallClockMonitor(1ms), monitor::prompt(interrupt), work)
                                 : supervise(WallClockMonitor(1ms), interrupt, work);
        ASSERT_FALSE(done);
        EXPECT_TRUE(returned);
        EXPECT_EQ(name, "curfew-monitor");
    }
}

TEST(Interrupt, ThatThrowsIsReported) {
    Event interrupted;
    const auto done = supervise(
        WallClockMonitor(1ms),
        [&] {
            interrupted.set();
            throw std::runtime_error("cannot reach it");
        },
        [&] { interrupted.wait(); });
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
    const auto done = supervise(WallClockMonitor(2ms), kNoInterrupt, [&](const Invocation& call) {
        const std::stop_token token = call.stop_token();
        const std::stop_callback callback(token, [&] { callback_thread = thread_name(); });
        std::mutex mutex;
        std::condition_variable_any changed;
        std::unique_lock lock(mutex);
        EXPECT_FALSE(changed.wait_for(lock, token, 60s, [] { return false; }));
        EXPECT_TRUE(token.stop_requested());
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
    EXPECT_TRUE(supervise(WallClockMonitor(1h), kNoInterrupt,
                          [&](const Invocation& call) { token = call.stop_token(); }));
    EXPECT_FALSE(token.stop_requested());
}

// ---- kill switches

TEST(Kill, EndsWhatRunsAndNothingElse) {
    const KillSwitch kill_switch;
    EXPECT_FALSE(kill_switch.kill());
    for (const bool monitored : {false, true}) {
        KillSwitch copy = kill_switch;
        Interruptible work;
        Event running;
        std::thread killer([&] {
            running.wait();
            EXPECT_TRUE(kill_switch.kill());
            EXPECT_FALSE(kill_switch.kill());
        });
        const std::vector<AnyMonitor> monitors =
            monitored ? std::vector<AnyMonitor>{WallClockMonitor(1h)} : std::vector<AnyMonitor>{};
        const auto done =
            supervise(monitors, {.handler = "greet", .kill_switch = &copy}, work.interrupt(), [&] {
                running.set();
                work.wait();
                killer.join();
            });
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, ErrorCode::cancelled);
        EXPECT_EQ(done.error().terminated_by, "kill");
        EXPECT_EQ(work.interrupts(), 1);
        EXPECT_FALSE(kill_switch.kill());
    }
}

TEST(Kill, ByTheWorkItself) {
    KillSwitch kill_switch;
    Interruptible work;
    const auto done = supervise(std::tuple<>{}, {.kill_switch = &kill_switch}, work.interrupt(),
                                [&](const Invocation& call) {
                                    EXPECT_TRUE(kill_switch.kill());
                                    EXPECT_TRUE(call.cancelled());
                                });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "kill");
}

TEST(Kill, MovedFromSwitchKillsNothing) {
    KillSwitch kill_switch;
    const KillSwitch other = std::move(kill_switch);
    EXPECT_FALSE(kill_switch.kill());  // NOLINT(bugprone-use-after-move)
    EXPECT_FALSE(other.kill());
}

TEST(Kill, RacesWithTheEndAndWithMonitors) {
    KillSwitch kill_switch;
    std::atomic<bool> stop{false};
    std::atomic<int> killed{0};
    std::thread killer([&] {
        while (!stop) {
            killed += kill_switch.kill() ? 1 : 0;
            std::this_thread::sleep_for(std::chrono::microseconds(rand() % 60));
        }
    });
    int by_kill = 0;
    int by_clock = 0;
    for (int i = 0; i < 5000; ++i) {
        std::atomic<int> interrupts{0};
        const auto done =
            supervise(WallClockMonitor(60us), {.kill_switch = &kill_switch},
                      monitor::prompt([&] { ++interrupts; }), [&](const Invocation& call) {
                          while (interrupts == 0 && std::chrono::steady_clock::now() <
                                                        call.start() + std::chrono::microseconds(i % 120)) {
                          }
                          return i;
                      });
        if (done) {
            ASSERT_EQ(interrupts, 0);
        } else if (done.error().terminated_by == "kill") {
            ++by_kill;
        } else {
            ASSERT_EQ(done.error().terminated_by, "wall-clock");
            ++by_clock;
        }
        ASSERT_LE(interrupts, 1);
    }
    stop = true;
    killer.join();
    EXPECT_EQ(by_kill, killed);
    EXPECT_GT(by_kill + by_clock, 0);
    expect_nothing_left();
}

// ---- nobody waits for others' code

// A monitor whose task blocks its thread until it is released.
FunctionMonitor blocking(const Event& release, Event& blocked) {
    return {"blocking", [&](const Invocation&) -> Result<MonitorTask> {
                return [](const Event& r, Event& b, Counted) -> MonitorTask {
                    co_await monitor::sleep(1ms);
                    b.set();
                    r.wait();
                }(release, blocked, Counted());
            }};
}

TEST(Blocking, TasksAndInterruptsDelayOnlyTheirOwnInvocations) {
    constexpr int kBlockers = 8;
    Event release;
    std::vector<Event> blocked(2 * kBlockers);
    std::vector<std::thread> threads;
    for (int i = 0; i < kBlockers; ++i) {
        threads.emplace_back([&, i] {  // a task that blocks
            Interruptible work;
            const auto done = supervise(blocking(release, blocked[static_cast<std::size_t>(i)]),
                                        work.interrupt(), [&] { work.wait(); });
            EXPECT_FALSE(done);
        });
        threads.emplace_back([&, i] {  // an interrupt that blocks
            Event& mine = blocked[static_cast<std::size_t>(kBlockers + i)];
            const auto done = supervise(
                WallClockMonitor(1ms),
                [&] {
                    mine.set();
                    release.wait();
                },
                [&] { mine.wait(); });
            EXPECT_FALSE(done);
        });
    }
    for (const Event& each : blocked) ASSERT_TRUE(each.wait());

    // All of these end while all of those are still blocked.
    std::vector<std::thread> others;
    std::atomic<int> ended{0};
    for (int i = 0; i < 100; ++i) {
        others.emplace_back([&, i] {
            Interruptible work;
            const auto run = [&](const auto& monitors) {
                return supervise(monitors, work.interrupt(), [&] { work.wait(); });
            };
            const auto done = i % 2 == 0 ? run(WallClockMonitor(5ms)) : run(timeout(5ms));
            EXPECT_FALSE(done);
            EXPECT_EQ(done.error().terminated_by, i % 2 == 0 ? "wall-clock" : "timeout");
            ++ended;
        });
    }
    for (std::thread& thread : others) thread.join();
    EXPECT_EQ(ended, 100);
    EXPECT_FALSE(release.is_set());
    release.set();
    for (std::thread& thread : threads) thread.join();
    expect_nothing_left();
}

TEST(Blocking, OwnBuiltinMonitorsInterruptInTimeAllTheSame) {
    Event release;
    Event blocked;
    Interruptible work;
    const auto done = supervise(std::tuple{blocking(release, blocked), WallClockMonitor(20ms)},
                                monitor::prompt(work.interrupt()), [&] {
                                    EXPECT_TRUE(blocked.wait());
                                    EXPECT_TRUE(work.wait());  // while the task blocks
                                    EXPECT_FALSE(release.is_set());
                                    release.set();
                                });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "wall-clock");
    expect_nothing_left();
}

TEST(Throwing, LaterEndsOnlyTheOwnInvocation) {
    const FunctionMonitor throws("throws", [](const Invocation&) -> Result<MonitorTask> {
        return [](Counted) -> MonitorTask {
            co_await monitor::sleep(1ms);
            throw std::runtime_error("lost sight of it");
        }(Counted());
    });
    Interruptible work;
    const auto outer = supervise(WallClockMonitor(1h), kNoInterrupt, [&] {
        const auto done = supervise(throws, work.interrupt(), [&] { work.wait(); });
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, ErrorCode::cancelled);
        EXPECT_EQ(done.error().terminated_by, "throws");
        EXPECT_NE(done.error().message.find("lost sight of it"), std::string::npos) << done.error().message;
    });
    EXPECT_TRUE(outer);
    expect_nothing_left();
}

// ---- tasks made of tasks

MonitorTask twice(std::chrono::nanoseconds delay) {
    co_await after(delay);
    MonitorTask second = after(delay);
    co_await std::move(second);
}
MonitorTask guarded(int& caught) {
    try {
        co_await [](Counted) -> MonitorTask {
            co_await monitor::sleep(100us);
            throw std::runtime_error("inner");
        }(Counted());
    } catch (const std::runtime_error&) {
        ++caught;
    }
    co_await at_once();
    co_await twice(100us);
}

TEST(Nested, TasksAwaitTasks) {
    int caught = 0;
    const FunctionMonitor nested("nested",
                                 [&](const Invocation&) -> Result<MonitorTask> { return guarded(caught); });
    for (int i = 0; i < 200; ++i) {
        Interruptible work;
        const auto done = supervise(nested, work.interrupt(), [&] { work.wait(); });
        ASSERT_FALSE(done);
        ASSERT_EQ(done.error().terminated_by, "nested");
    }
    EXPECT_EQ(caught, 200);
    expect_nothing_left();
}

TEST(Nested, AreCancelledWhereverTheyAre) {
    std::minstd_rand random(1);
    int caught = 0;
    for (int i = 0; i < 2000; ++i) {
        const FunctionMonitor nested(
            "nested", [&](const Invocation&) -> Result<MonitorTask> { return guarded(caught); });
        std::atomic<bool> interrupted{false};
        const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(random() % 500);
        static_cast<void>(supervise(
            nested, [&] { interrupted = true; },
            [&] {
                while (!interrupted && std::chrono::steady_clock::now() < end)
                    std::this_thread::sleep_for(10us);
            }));
    }
    expect_nothing_left();
}

TEST(Nested, InvocationsInsideInvocations) {
    Interruptible work;
    const auto outer = supervise(WallClockMonitor(1h), kNoInterrupt, [&] {
        return supervise(timeout(1ms), work.interrupt(), [&] { work.wait(); });
    });
    ASSERT_FALSE(outer);
    EXPECT_EQ(outer.error().terminated_by, "timeout");
    expect_nothing_left();
}

// ---- load

TEST(Load, OneMonitorServes64ThreadsAndNothingIsLeft) {
    const std::vector<AnyMonitor> shared{WallClockMonitor(300us), timeout(400us), quiet(),
                                         CpuTimeMonitor(250us)};
    std::vector<std::thread> threads;
    std::atomic<int> completed{0}, cancelled{0}, thrown{0};
    for (unsigned t = 0; t < 64; ++t) {
        threads.emplace_back([&, t] {
            std::minstd_rand random(t + 1);
            for (int i = 0; i < 150; ++i) {
                Interruptible work;
                try {
                    const auto done = supervise(shared, work.interrupt(), [&] {
                        switch (random() % 4) {
                            case 0:
                                work.wait();
                                break;
                            case 1:
                                work.burn(std::chrono::microseconds(random() % 400));
                                break;
                            case 2:
                                throw std::runtime_error("mine");
                            default:
                                break;
                        }
                    });
                    ++(done ? completed : cancelled);
                } catch (const std::runtime_error&) {
                    ++thrown;
                }
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(completed + cancelled + thrown, 64 * 150);
    EXPECT_GT(completed, 0);
    EXPECT_GT(cancelled, 0);
    EXPECT_GT(thrown, 0);
    expect_nothing_left();
}

}  // namespace
}  // namespace curfew::test
