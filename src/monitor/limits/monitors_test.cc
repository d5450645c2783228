// Monitors of time and stop tokens, and limits that are wrong or none.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>
#include <vector>

#include "monitor/test_support.h"

namespace curfew::test {
namespace {

const auto kNoInterrupt = [] {};
constexpr auto kMaxCount = std::numeric_limits<std::uint64_t>::max();

// ---- limits that no monitor accepts, and limits that are none

template <typename Make>
void expect_refused(Make make, const char* name) {
    try {
        static_cast<void>(make());
        ADD_FAILURE() << name << " accepted the limit";
    } catch (const std::invalid_argument& e) {
        EXPECT_NE(std::string(e.what()).find(name), std::string::npos) << e.what();
        EXPECT_NE(std::string(e.what()).find("give a"), std::string::npos) << e.what();
    }
}

TEST(Limits, ZeroAndLessAreRefused) {
    for (const auto limit : {0ns, -1ns, std::chrono::nanoseconds::min()}) {
        expect_refused([&] { return WallClockMonitor(limit); }, "WallClockMonitor");
        expect_refused([&] { return CpuTimeMonitor(limit); }, "CpuTimeMonitor");
        expect_refused([&] { return QuotaMonitor(limit, 1s); }, "QuotaMonitor");
        expect_refused([&] { return QuotaMonitor(1s, limit); }, "QuotaMonitor");
    }
    expect_refused([&] { return WallClockMonitor(std::chrono::hours::min()); }, "WallClockMonitor");
    expect_refused([&] { return WallClockMonitor(std::chrono::duration<double>(std::nan(""))); }, "WallClockMonitor");
    for (const int limit : {0, -1, std::numeric_limits<int>::min()}) {
        expect_refused([&] { return MemoryMonitor(limit); }, "MemoryMonitor");
        expect_refused([&] { return HostCallMonitor(limit); }, "HostCallMonitor");
        expect_refused([&] { return OutputMonitor(limit); }, "OutputMonitor");
    }
    expect_refused([&] { return DeadlineMonitor(std::chrono::steady_clock::time_point()); }, "DeadlineMonitor");
    expect_refused([&] { return DeadlineMonitor(std::chrono::system_clock::time_point()); }, "DeadlineMonitor");
}

TEST(Limits, LongestIsNoLimitAndNothingWrapsAround) {
    EXPECT_EQ(WallClockMonitor(std::chrono::hours::max()).limit(), std::chrono::nanoseconds::max());
    EXPECT_EQ(WallClockMonitor(std::chrono::duration<double>(1e300)).limit(), std::chrono::nanoseconds::max());
    const std::vector<AnyMonitor> all{
        WallClockMonitor(std::chrono::nanoseconds::max()),
        WallClockMonitor(std::chrono::nanoseconds::max() - 1ns),  // start + limit would overflow
        WallClockMonitor(std::chrono::hours::max()),
        WallClockMonitor(std::chrono::nanoseconds::max()).excluding_host_calls(),
        CpuTimeMonitor(std::chrono::nanoseconds::max()),
        CpuTimeMonitor(std::chrono::hours::max()),
        DeadlineMonitor(std::chrono::steady_clock::time_point::max()),
        DeadlineMonitor(std::chrono::system_clock::time_point::max()),
        QuotaMonitor(std::chrono::nanoseconds::max(), 1s),
        QuotaMonitor(1s, std::chrono::nanoseconds::max()),
        MemoryMonitor(kMaxCount),
        HostCallMonitor(kMaxCount),
        OutputMonitor(kMaxCount),
        StopTokenMonitor(std::stop_token()),
        timeout(std::chrono::nanoseconds::max()),
    };
    UsageMeter meter;
    const auto done = supervise(all, {.meter = &meter}, kNoInterrupt, [&] {
        meter.set_heap(kMaxCount);
        meter.add_bytes_printed(kMaxCount);
        meter.add_bytes_printed(kMaxCount);  // stays at the end
        const HostCallScope call(meter);
        std::this_thread::sleep_for(5ms);
        return meter.value(Counter::output);
    });
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(*done, kMaxCount);
}

TEST(Limits, SleepOfOddLengths) {
    const auto sleeps = [](std::chrono::nanoseconds length) {
        Interruptible work;
        const auto done = supervise(timeout(length), work.interrupt(), [&] { work.wait(); });
        return !done && done.error().terminated_by == "timeout";
    };
    EXPECT_TRUE(sleeps(0ns));
    EXPECT_TRUE(sleeps(-1s));
    EXPECT_TRUE(sleeps(std::chrono::nanoseconds::min()));
}

// ---- wall clock

TEST(WallClock, ExcludingHostCallsCountsOnlyTheRest) {
    UsageMeter meter;
    Interruptible work;
    std::chrono::nanoseconds outside{};
    const auto start = std::chrono::steady_clock::now();
    const auto done =
        supervise(WallClockMonitor(30ms).excluding_host_calls(), {.meter = &meter}, work.interrupt(), [&] {
            for (int i = 0; i < 4; ++i) {
                const HostCallScope call(meter);
                std::this_thread::sleep_for(20ms);
            }
            EXPECT_EQ(work.interrupts(), 0) << "80 ms in host calls were charged to a limit of 30 ms";
            const auto left = std::chrono::steady_clock::now();
            work.wait();
            outside = std::chrono::steady_clock::now() - left;
        });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "wall-clock");
    EXPECT_GE(std::chrono::steady_clock::now() - start, 110ms);
    EXPECT_GT(outside, 15ms);
    EXPECT_NE(done.error().message.find("host calls excluded"), std::string::npos) << done.error().message;
}

TEST(WallClock, ExcludingHostCallsSleepsWhileOneLasts) {
    UsageMeter meter;
    const auto before = monitor::runtime_stats().timer_wake_ups;
    const auto done = supervise(WallClockMonitor(60ms).excluding_host_calls(), {.meter = &meter}, kNoInterrupt, [&] {
        const HostCallScope call(meter);
        std::this_thread::sleep_for(400ms);
    });
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_LE(monitor::runtime_stats().timer_wake_ups - before, 4u);
}

// ---- deadline

TEST(Deadline, EndsAtItAndKeepsLaterCallsFromRunning) {
    const auto deadline = std::chrono::steady_clock::now() + 20ms;
    const DeadlineMonitor monitor(deadline);
    Interruptible work;
    const auto done = supervise(monitor, work.interrupt(), [&] { work.wait(); });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "deadline");
    EXPECT_GE(std::chrono::steady_clock::now(), deadline);

    bool ran = false;
    const auto late = supervise(monitor, kNoInterrupt, [&] { ran = true; });
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, ErrorCode::not_run);
    EXPECT_FALSE(late.error().ran);
    EXPECT_TRUE(done.error().ran);
    EXPECT_EQ(late.error().terminated_by, "deadline");
    EXPECT_NE(late.error().message.find("was not run"), std::string::npos) << late.error().message;
    EXPECT_FALSE(ran);
}

TEST(Deadline, OfTheSystemClock) {
    const auto deadline = std::chrono::system_clock::now() + 10ms;
    Interruptible work;
    const auto done = supervise(DeadlineMonitor(deadline), work.interrupt(), [&] { work.wait(); });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "deadline");
    EXPECT_GE(std::chrono::system_clock::now(), deadline);
    EXPECT_FALSE(supervise(DeadlineMonitor(std::chrono::system_clock::now() - 1h), kNoInterrupt, [] {}));
}

// ---- stop token

TEST(StopToken, EndsWhenAStopIsRequested) {
    std::stop_source source;
    Interruptible work;
    Event running;
    std::thread stopper([&] {
        running.wait();
        source.request_stop();
    });
    const auto done = supervise(StopTokenMonitor(source.get_token()), work.interrupt(), [&] {
        running.set();
        work.wait();
    });
    stopper.join();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "stop-token");
    EXPECT_EQ(work.interrupts(), 1);

    bool ran = false;
    EXPECT_FALSE(supervise(StopTokenMonitor(source.get_token()), kNoInterrupt, [&] { ran = true; }));
    EXPECT_FALSE(ran);
}

TEST(StopToken, MovedFromStillLimits) {
    std::stop_source source;
    source.request_stop();
    StopTokenMonitor monitor(source.get_token());
    const StopTokenMonitor other = std::move(monitor);
    EXPECT_FALSE(supervise(monitor, kNoInterrupt, [] {}));  // NOLINT(bugprone-use-after-move)
    EXPECT_FALSE(supervise(other, kNoInterrupt, [] {}));
}

TEST(StopToken, RequestedByTheWorkItself) {
    std::stop_source source;
    Interruptible work;
    std::thread::id interrupter;
    const auto done = supervise(
        StopTokenMonitor(source.get_token()),
        [&] {
            interrupter = std::this_thread::get_id();
            work.interrupt()();
        },
        [&](const Invocation& call) {
            source.request_stop();
            EXPECT_TRUE(call.cancelled());
            work.wait();
        });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "stop-token");
    EXPECT_NE(interrupter, std::this_thread::get_id());
}

}  // namespace
}  // namespace curfew::test
