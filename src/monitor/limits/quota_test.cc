// QuotaMonitor: the shared budget, and that it is shared fairly.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <thread>
#include <vector>

#include "monitor/limits/sliding_use.h"
#include "monitor/test_support.h"

namespace curfew::test {
namespace {

const auto kNoInterrupt = [] {};

TEST(SlidingUse, ForgetsWhatIsOlderThanAPeriod) {
    monitor::detail::SlidingUse use;
    constexpr auto kSteps = monitor::detail::SlidingUse::kSteps;
    use.advance(1000);
    use.add(5ms, 1h);
    use.advance(1000 + kSteps);
    use.add(3ms, 1h);
    EXPECT_EQ(use.sum(), 8ms);
    use.advance(1000 + kSteps + 1);
    EXPECT_EQ(use.sum(), 3ms);
    use.advance(1000);  // time does not go back
    EXPECT_EQ(use.sum(), 3ms);
    use.advance(1000 + 2 * kSteps + 1);
    EXPECT_EQ(use.sum(), 0ms);
    use.add(1ms, 1h);
    use.advance(1'000'000);
    EXPECT_EQ(use.sum(), 0ms);
}

TEST(SlidingUse, WhatExceedsTheAllowanceCountsInTheNextPeriod) {
    monitor::detail::SlidingUse use;
    constexpr auto kSteps = monitor::detail::SlidingUse::kSteps;
    use.advance(5);
    use.add(25ms, 10ms);
    EXPECT_EQ(use.sum(), 25ms);
    use.advance(5 + kSteps + 1);
    use.settle(10ms);
    EXPECT_EQ(use.sum(), 15ms);
    use.advance(5 + 2 * (kSteps + 1));
    use.settle(10ms);
    EXPECT_EQ(use.sum(), 5ms);
    use.advance(5 + 3 * (kSteps + 1));
    use.settle(10ms);
    EXPECT_EQ(use.sum(), 0ms);
}

TEST(SlidingUse, SmallerAllowanceMakesTheLatestUseADebt) {
    monitor::detail::SlidingUse use;
    constexpr auto kSteps = monitor::detail::SlidingUse::kSteps;
    use.advance(1);
    use.add(4ms, 20ms);
    use.advance(3);
    use.add(16ms, 20ms);
    use.settle(5ms);
    EXPECT_EQ(use.sum(), 20ms);
    use.advance(1 + kSteps + 1);  // the 4 ms are forgotten, 4 of the debt are paid
    use.settle(5ms);
    EXPECT_EQ(use.sum(), 16ms);
    use.advance(3 + kSteps + 1);
    use.settle(5ms);
    EXPECT_EQ(use.sum(), 15ms);
    use.settle(20ms);
    EXPECT_EQ(use.sum(), 15ms);
    use.advance(3 + 2 * (kSteps + 1));
    EXPECT_EQ(use.sum(), 0ms);
}

TEST(Quota, InvocationsShareOneBudget) {
    const QuotaMonitor tenant(20ms, 1h);
    for (int i = 0; i < 3; ++i) {
        Interruptible work;
        EXPECT_TRUE(supervise(tenant, work.interrupt(), [&] { work.burn(4ms); }));
    }
    EXPECT_LE(tenant.available(), 8ms);
    EXPECT_GT(tenant.available(), 0ms);

    Interruptible work;
    const QuotaMonitor copy = tenant;
    const auto done = supervise(copy, work.interrupt(), [&] { work.burn(); });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "quota");
    EXPECT_GE(done.error().usage.cpu_time, 1ms);
    EXPECT_NE(done.error().message.find("20 ms of CPU time per 3600 s"), std::string::npos) << done.error().message;

    bool ran = false;
    const auto empty = supervise(tenant, kNoInterrupt, [&] { ran = true; });
    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.error().code, ErrorCode::not_run);
    EXPECT_FALSE(empty.error().ran);
    EXPECT_TRUE(done.error().ran);
    EXPECT_EQ(empty.error().terminated_by, "quota");
    EXPECT_NE(empty.error().message.find("was not run"), std::string::npos) << empty.error().message;
    EXPECT_FALSE(ran);
}

TEST(Quota, WhatWasUsedComesBackAPeriodLater) {
    const QuotaMonitor tenant(10ms, 100ms);
    Interruptible work;
    ASSERT_FALSE(supervise(tenant, work.interrupt(), [&] { work.burn(); }));
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (tenant.available() < 10ms && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(5ms);
    EXPECT_TRUE(supervise(tenant, kNoInterrupt, [] {}));
}

TEST(Quota, SleepingUsesNothingAndHardlyWakes) {
    const QuotaMonitor tenant(100ms, 1h);
    const auto before = monitor::runtime_stats().timer_wake_ups;
    EXPECT_TRUE(supervise(tenant, kNoInterrupt, [] { std::this_thread::sleep_for(300ms); }));
    EXPECT_LE(monitor::runtime_stats().timer_wake_ups - before, 20u);
    EXPECT_GT(tenant.available(), 80ms);
}

TEST(Quota, NewcomerFindsBudgetThatOthersHoldButDoNotUse) {
    const QuotaMonitor tenant(50ms, 1h);
    constexpr int kIdle = 40;  // each draws a quarter of what is free: nearly nothing would be left
    std::vector<std::thread> idle;
    Event leave;
    std::atomic<int> inside{0};
    for (int i = 0; i < kIdle; ++i) {
        idle.emplace_back([&] {
            EXPECT_TRUE(supervise(tenant, kNoInterrupt, [&] {
                ++inside;
                leave.wait();
            }));
        });
    }
    while (inside < kIdle) std::this_thread::sleep_for(1ms);
    Interruptible work;
    std::chrono::nanoseconds used{};
    const auto done = supervise(tenant, work.interrupt(), [&] {
        const auto start = base::thread_cpu_time();
        work.burn(20ms);
        used = base::thread_cpu_time() - start;
    });
    EXPECT_TRUE(done) << done.error().message;
    EXPECT_GE(used, 20ms);
    leave.set();
    for (std::thread& thread : idle) thread.join();
}

// Shows no use, and asks for the budget whenever it is read: that would hang if the budget's lock were held then.
class CuriousClock final : public CpuClock {
  public:
    explicit CuriousClock(const QuotaMonitor& tenant) : tenant_(tenant) {}
    std::optional<std::chrono::nanoseconds> now() const noexcept override {
        ++readings_;
        EXPECT_GE(tenant_.available(), 0ms);
        std::this_thread::yield();
        return 0ms;
    }
    int readings() const { return readings_; }

  private:
    const QuotaMonitor& tenant_;
    mutable std::atomic<int> readings_{0};
};

// This many invocations inside each other: the later ones find nearly all of the budget held by the earlier ones.
bool all_run(int depth, const QuotaMonitor& tenant, const CpuClock& clock) {
    if (depth == 0) return true;
    const auto done =
        supervise(tenant, {.cpu_clock = &clock}, kNoInterrupt, [&] { return all_run(depth - 1, tenant, clock); });
    return done.value_or(false);
}

TEST(Quota, ClocksAreReadWithoutItsLock) {
    const QuotaMonitor tenant(50ms, 1h);
    const CuriousClock clock(tenant);
    constexpr int kDepth = 40;
    EXPECT_TRUE(all_run(kDepth, tenant, clock));
    EXPECT_GT(clock.readings(), 2 * kDepth);  // more than each one's at its start and end: that of others, too
    EXPECT_EQ(tenant.available(), 50ms);
}

TEST(Quota, InvocationsMayEndWhileOthersReadTheirClocks) {
    const QuotaMonitor tenant(50ms, 1h);
    const CuriousClock clock(tenant);
    std::vector<std::thread> callers;
    for (int i = 0; i < 4; ++i) {
        callers.emplace_back([&] {
            for (int round = 0; round < 50; ++round) EXPECT_TRUE(all_run(20, tenant, clock));
        });
    }
    for (std::thread& caller : callers) caller.join();
    EXPECT_EQ(tenant.available(), 50ms);
    EXPECT_NOTHING_LEFT();
}

TEST(Quota, TenCallersGetEqualShares) {
    constexpr int kCallers = 10;
    const QuotaMonitor tenant(100ms, 1s);
    std::vector<std::chrono::nanoseconds> used(kCallers);
    std::vector<std::thread> callers;
    const auto end = std::chrono::steady_clock::now() + 5s;
    std::atomic<int> refused{0};
    for (int i = 0; i < kCallers; ++i) {
        callers.emplace_back([&, i] {
            std::chrono::nanoseconds overhead{};  // of being refused
            while (std::chrono::steady_clock::now() < end) {
                Interruptible work;
                Usage usage;
                bool ran = false;
                const auto done = supervise(tenant, {.usage = &usage}, monitor::prompt(work.interrupt()), [&] {
                    ran = true;
                    work.burn(50ms);
                });
                (ran ? used[static_cast<std::size_t>(i)] : overhead) += usage.cpu_time;
                if (!ran) ++refused;
                if (!done) std::this_thread::sleep_for(1ms);
            }
        });
    }
    for (std::thread& caller : callers) caller.join();
    const auto total = std::accumulate(used.begin(), used.end(), std::chrono::nanoseconds{});
    RecordProperty("total_ms", std::to_string(total / 1ms));
    // A tenth of 500 ms, and 10 %. Sanitizers delay the end of the last invocation by more than that.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
    constexpr auto kShare = 80ms;
#else
    constexpr auto kShare = 55ms;
#endif
    for (const auto one : used) {
        EXPECT_LE(one, kShare) << "of " << total / 1us << " us in all";
        EXPECT_GE(one, 25ms) << "of " << total / 1us << " us in all";
    }
    EXPECT_LE(total, kCallers * kShare);
    EXPECT_GT(refused, 0);
}

TEST(Quota, MovedFromFailsToStart) {
    QuotaMonitor monitor(1s, 1s);
    const QuotaMonitor other = std::move(monitor);
    const auto done = supervise(monitor, kNoInterrupt, [] {});  // NOLINT(bugprone-use-after-move)
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::monitor_failed);
    EXPECT_NE(done.error().message.find("moved from"), std::string::npos);
    EXPECT_TRUE(supervise(other, kNoInterrupt, [] {}));
}

}  // namespace
}  // namespace curfew::test
