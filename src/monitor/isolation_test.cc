// Nobody waits for others' code, and nothing is left behind under load.
#include <gtest/gtest.h>

#include <random>
#include <thread>
#include <vector>

#include "monitor/runtime/executor.h"
#include "monitor/test_support.h"

namespace curfew::test {
namespace {

const auto kNoInterrupt = [] {};

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
            const auto done = supervise(blocking(release, blocked[static_cast<std::size_t>(i)]), work.interrupt(),
                                        [&] { work.wait(); });
            EXPECT_FALSE(done);
        });
        threads.emplace_back([&, i] {  // an interrupt that blocks
            Event& mine = blocked[static_cast<std::size_t>(kBlockers + i)];
            std::stop_source stop;
            const auto done = supervise(
                StopTokenMonitor(stop.get_token()),
                [&] {
                    mine.set();
                    release.wait();
                },
                [&] {
                    stop.request_stop();
                    mine.wait();
                });
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
    EXPECT_NOTHING_LEFT();
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
    EXPECT_NOTHING_LEFT();
}

// More blocked tasks than there can be threads: what finds none is ended, and built-in monitors do not
// notice.
TEST(Blocking, BeyondAllThreadsTasksEndTheirInvocations) {
    constexpr int kMany = static_cast<int>(monitor::detail::Executor::kMaxThreads) + 20;
    Event release;
    std::vector<Event> blocked(kMany);
    std::atomic<int> refused{0}, ended{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < kMany; ++i) {
        threads.emplace_back([&, i] {
            Interruptible work;
            const auto done = supervise(blocking(release, blocked[static_cast<std::size_t>(i)]),
                                        monitor::prompt(work.interrupt()), [&] { work.wait(); });
            ++ended;
            refused += !done && done.error().message.find("no thread could be had") != std::string::npos;
        });
    }
    while (ended < 20) std::this_thread::sleep_for(1ms);
    Interruptible work;
    EXPECT_FALSE(supervise(WallClockMonitor(1ms), monitor::prompt(work.interrupt()), [&] { work.wait(); }));
    release.set();
    for (std::thread& thread : threads) thread.join();
    EXPECT_GE(refused, 20);
    EXPECT_NOTHING_LEFT();
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
    EXPECT_NOTHING_LEFT();
}

TEST(Load, OneMonitorServes64ThreadsAndNothingIsLeft) {
    const std::vector<AnyMonitor> shared{WallClockMonitor(300us), timeout(400us), quiet(), CpuTimeMonitor(250us)};
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
                            case 0: work.wait(); break;
                            case 1: work.burn(std::chrono::microseconds(random() % 400)); break;
                            case 2: throw std::runtime_error("mine");
                            default: break;
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
    EXPECT_NOTHING_LEFT();
}

}  // namespace
}  // namespace curfew::test
