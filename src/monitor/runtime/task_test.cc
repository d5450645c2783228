// Tasks that await tasks, and invocations inside invocations.
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "monitor/test_support.h"

namespace curfew::test {
namespace {

const auto kNoInterrupt = [] {};

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
    const FunctionMonitor nested("nested", [&](const Invocation&) -> Result<MonitorTask> { return guarded(caught); });
    for (int i = 0; i < 200; ++i) {
        Interruptible work;
        const auto done = supervise(nested, work.interrupt(), [&] { work.wait(); });
        ASSERT_FALSE(done);
        ASSERT_EQ(done.error().terminated_by, "nested");
    }
    EXPECT_EQ(caught, 200);
    EXPECT_NOTHING_LEFT();
}

TEST(Nested, AreCancelledWhereverTheyAre) {
    std::minstd_rand random(1);
    int caught = 0;
    for (int i = 0; i < 2000; ++i) {
        const FunctionMonitor nested("nested",
                                     [&](const Invocation&) -> Result<MonitorTask> { return guarded(caught); });
        std::atomic<bool> interrupted{false};
        const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(random() % 500);
        static_cast<void>(supervise(
            nested, [&] { interrupted = true; },
            [&] {
                while (!interrupted && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(10us);
            }));
    }
    EXPECT_NOTHING_LEFT();
}

TEST(Nested, InvocationsInsideInvocations) {
    Interruptible work;
    const auto outer = supervise(WallClockMonitor(1h), kNoInterrupt,
                                 [&] { return supervise(timeout(1ms), work.interrupt(), [&] { work.wait(); }); });
    ASSERT_FALSE(outer);
    EXPECT_EQ(outer.error().terminated_by, "timeout");
    EXPECT_NOTHING_LEFT();
}

}  // namespace
}  // namespace curfew::test
