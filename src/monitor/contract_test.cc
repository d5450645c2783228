// The contract: two phases, where they run, what a set is, and that it fails closed.
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "monitor/test_support.h"

namespace curfew::test {
namespace {

class TimeoutMonitor {
  public:
    explicit TimeoutMonitor(std::chrono::nanoseconds timeout) : timeout_(timeout) {}
    Result<MonitorTask> get_monitor(const Invocation&) const { return watch(timeout_); }
    std::string_view name() const noexcept { return "timeout"; }

  private:
    static MonitorTask watch(std::chrono::nanoseconds timeout) { co_await monitor::sleep(timeout); }
    std::chrono::nanoseconds timeout_;
};

struct NotAMonitor {
    std::string_view name() const noexcept { return "x"; }
};
struct ThrowingName {
    Result<MonitorTask> get_monitor(const Invocation&) const { return never(); }
    std::string_view name() const { return "x"; }
};

static_assert(ExecutionMonitor<TimeoutMonitor>);
static_assert(!ExecutionMonitor<NotAMonitor> && !ExecutionMonitor<ThrowingName> && !ExecutionMonitor<int>);
static_assert(MonitorSet<TimeoutMonitor> && MonitorSet<AnyMonitor> && MonitorSet<std::vector<AnyMonitor>>);
static_assert(MonitorSet<std::tuple<>> && MonitorSet<std::tuple<TimeoutMonitor, AnyMonitor, WallClockMonitor>>);
static_assert(!MonitorSet<int> && !MonitorSet<NotAMonitor> && !MonitorSet<std::vector<TimeoutMonitor>>);
static_assert(!MonitorSet<std::tuple<TimeoutMonitor, int>>);
static_assert(sizeof(MonitorList) <= 4 * sizeof(void*) && std::is_trivially_copyable_v<MonitorList>);

const auto kNoInterrupt = [] {};

TEST(Contract, GetMonitorRunsOnTheCallingThreadInOrderAndTheRestOnTheRuntime) {
    static thread_local int local = 0;
    local = 42;
    std::vector<std::string> order;
    order.reserve(8);  // tasks refer to elements
    std::string later;
    Event resumed;
    const auto first = FunctionMonitor("first", [&](const Invocation&) -> Result<MonitorTask> {
        order.push_back("first:" + std::to_string(local));
        return [](Event& e, std::string& where, std::string& name) -> MonitorTask {
            where = thread_name();
            co_await monitor::sleep(1ms);
            name = thread_name();
            e.set();
            co_await monitor::forever();
        }(resumed, order.emplace_back(), later);
    });
    const auto second = FunctionMonitor("second", [&](const Invocation& call) -> Result<MonitorTask> {
        order.push_back("second:" + std::string(call.handler()));
        return never();
    });
    const auto done = supervise(std::tuple{first, second}, {.handler = "greet"}, kNoInterrupt, [&] {
        EXPECT_TRUE(resumed.wait());
        return 7;
    });
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(*done, 7);
    EXPECT_EQ(order, (std::vector<std::string>{"first:42", thread_name(), "second:greet"}));
    EXPECT_EQ(later, "curfew-monitor");
    EXPECT_EQ(Counted::alive, 0);
}

TEST(Contract, FirstToFireWinsAndIsNamed) {
    Interruptible work;
    Usage usage;
    const auto done = supervise(std::tuple{WallClockMonitor(1h), TimeoutMonitor(2ms)},
                                {.handler = "slow", .usage = &usage}, work.interrupt(), [&] { return work.wait(); });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::cancelled);
    EXPECT_EQ(done.error().terminated_by, "timeout");
    EXPECT_NE(done.error().message.find("\"slow\""), std::string::npos) << done.error().message;
    EXPECT_NE(done.error().message.find("\"timeout\""), std::string::npos) << done.error().message;
    EXPECT_EQ(work.interrupts(), 1);
    EXPECT_GE(usage.wall_time, 2ms);
    EXPECT_EQ(usage, done.error().usage);
}

TEST(Contract, MessageTellsLimitAndUse) {
    Interruptible work;
    const auto done = supervise(WallClockMonitor(50ms), work.interrupt(), [&] { work.wait(); });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "wall-clock");
    EXPECT_NE(done.error().message.find("limit: 50 ms of wall-clock time"), std::string::npos) << done.error().message;
    EXPECT_NE(done.error().message.find("It had used"), std::string::npos);
}

// A failure at any place of five, in every way.
enum class Failure { error, exception, odd_exception, first_step };

Result<MonitorTask> fail(Failure how) {
    switch (how) {
        case Failure::error: {
            Error error;
            error.message = "no luck";
            return std::unexpected(error);
        }
        case Failure::exception: throw std::runtime_error("no luck");
        case Failure::odd_exception: throw 7;
        case Failure::first_step: break;
    }
    return [](Counted) -> MonitorTask {
        throw std::runtime_error("no luck");
        co_return;
    }(Counted());
}

class FailsClosed : public ::testing::TestWithParam<std::tuple<Failure, int>> {};

TEST_P(FailsClosed, HandlerNeverRuns) {
    const auto [how, place] = GetParam();
    int started = 0;
    const auto make = [&, how = how, place = place](int index) {
        return FunctionMonitor("m" + std::to_string(index), [&, how, place, index](const Invocation&) {
            ++started;
            return index == place ? fail(how) : Result<MonitorTask>(after(10s));
        });
    };
    bool ran = false;
    bool interrupted = false;
    const auto done = supervise(
        std::tuple{make(0), make(1), make(2), make(3), make(4)}, {.handler = "greet"}, [&] { interrupted = true; },
        [&] { ran = true; });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::monitor_failed);
    EXPECT_FALSE(ran);
    EXPECT_FALSE(interrupted);
    EXPECT_EQ(started, place + 1);
    const std::string& message = done.error().message;
    EXPECT_NE(message.find("execution monitor failed to start: \"m" + std::to_string(place) + "\""), std::string::npos)
        << message;
    EXPECT_NE(message.find(how == Failure::odd_exception ? "no std::exception" : "no luck"), std::string::npos)
        << message;
    EXPECT_EQ(Counted::alive, 0);
    EXPECT_EQ(monitor::runtime_stats().timers_armed, 0u);
    EXPECT_EQ(monitor::runtime_stats().frames_alive, 0u);
    EXPECT_TRUE(supervise(WallClockMonitor(1min), kNoInterrupt, [] {}));
}

INSTANTIATE_TEST_SUITE_P(AllWaysAndPlaces, FailsClosed,
                         ::testing::Combine(::testing::Values(Failure::error, Failure::exception,
                                                              Failure::odd_exception, Failure::first_step),
                                            ::testing::Range(0, 5)));

TEST(Contract, TaskThatCompletesAtOnceKeepsTheWorkFromRunning) {
    for (int i = 0; i < 1000; ++i) {
        bool ran = false;
        bool interrupted = false;
        const auto done = supervise(
            std::tuple{WallClockMonitor(1h), immediate(), immediate("later")}, [&] { interrupted = true; },
            [&] { ran = true; });
        ASSERT_FALSE(done);
        ASSERT_EQ(done.error().code, ErrorCode::not_run);
        ASSERT_EQ(done.error().terminated_by, "immediate");
        ASSERT_FALSE(ran);
        ASSERT_FALSE(interrupted);
    }
    EXPECT_EQ(Counted::alive, 0);
}

TEST(Contract, EmptySetsRunUnmonitored) {
    EXPECT_EQ(supervise(std::tuple<>{}, kNoInterrupt, [] { return 1; }), 1);
    EXPECT_EQ(supervise(std::vector<AnyMonitor>{}, kNoInterrupt, [] { return 2; }), 2);
}

TEST(Contract, MonitorsChosenAtRunTime) {
    Interruptible work;
    const std::vector<AnyMonitor> monitors{WallClockMonitor(1h), timeout(1ms, "mine"), quiet()};
    const auto done = supervise(monitors, work.interrupt(), [&] { work.wait(); });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "mine");

    Interruptible more;
    const auto again = supervise(monitors[1], more.interrupt(), [&] { more.wait(); });
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().terminated_by, "mine");
}

TEST(Contract, MoreMonitorsThanFitInline) {
    std::vector<AnyMonitor> monitors;
    for (int i = 0; i < 40; ++i) monitors.emplace_back(quiet());
    monitors.emplace_back(timeout(1ms, "last"));
    Interruptible work;
    const auto done = supervise(monitors, work.interrupt(), [&] { work.wait(); });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "last");
    EXPECT_EQ(Counted::alive, 0);
}

TEST(Contract, MovedFromMonitorFailsClosed) {
    AnyMonitor monitor = WallClockMonitor(1s);
    const AnyMonitor other = std::move(monitor);
    bool ran = false;
    const auto done = supervise(monitor, kNoInterrupt, [&] { ran = true; });  // NOLINT(bugprone-use-after-move)
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::monitor_failed);
    EXPECT_NE(done.error().message.find("moved from"), std::string::npos);
    EXPECT_FALSE(ran);
    EXPECT_TRUE(supervise(other, kNoInterrupt, [] {}));
}

TEST(Contract, MovedFromTaskFailsClosed) {
    const FunctionMonitor monitor("careless", [](const Invocation&) -> Result<MonitorTask> {
        MonitorTask task = never();
        MonitorTask stolen = std::move(task);
        return task;  // NOLINT(bugprone-use-after-move)
    });
    const auto done = supervise(monitor, kNoInterrupt, [] {});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::monitor_failed);
    EXPECT_EQ(Counted::alive, 0);
}

TEST(Contract, NullCallablesAreRefused) {
    bool ran = false;
    const std::function<void()> no_function;
    auto done = supervise(WallClockMonitor(1s), no_function, [&] { ran = true; });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(done.error().message.find("interrupt"), std::string::npos);
    EXPECT_FALSE(ran);

    void (*const no_pointer)() = nullptr;
    done = supervise(std::tuple<>{}, no_pointer, [&] { ran = true; });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::invalid_argument);

    done = supervise(WallClockMonitor(1s), kNoInterrupt, no_function);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(done.error().message.find("work"), std::string::npos);
    EXPECT_FALSE(ran);
}

TEST(Contract, WorkMayReturnAResult) {
    const auto good = supervise(WallClockMonitor(1min), kNoInterrupt, []() -> Result<int> { return 3; });
    static_assert(std::same_as<decltype(good), const Result<int>>);
    EXPECT_EQ(good, 3);

    const auto bad = supervise(WallClockMonitor(1min), kNoInterrupt, []() -> Result<int> {
        Error error;
        error.code = ErrorCode::handler_error;
        error.message = "thrown";
        return std::unexpected(error);
    });
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code, ErrorCode::handler_error);
    EXPECT_GT(bad.error().usage.wall_time, 0ns);
}

TEST(Contract, WorkMayReturnWhatOnlyMoves) {
    auto done = supervise(WallClockMonitor(1min), kNoInterrupt,
                          [](const Invocation& call) { return std::make_unique<bool>(call.cancelled()); });
    ASSERT_TRUE(done);
    EXPECT_FALSE(**done);
}

TEST(Contract, ExceptionsOfTheWorkPassThrough) {
    Usage usage;
    const auto run = [&] {
        return supervise(std::tuple{WallClockMonitor(1h), quiet()}, {.usage = &usage}, kNoInterrupt,
                         []() -> int { throw std::out_of_range("mine"); });
    };
    EXPECT_THROW(static_cast<void>(run()), std::out_of_range);
    EXPECT_GT(usage.wall_time, 0ns);
    EXPECT_EQ(Counted::alive, 0);
    EXPECT_EQ(monitor::runtime_stats().frames_alive, 0u);
    EXPECT_EQ(monitor::runtime_stats().timers_armed, 0u);
}

TEST(Contract, WhatTerminatedWorkThrowsIsDropped) {
    Interruptible work;
    const auto done = supervise(timeout(1ms), work.interrupt(), [&]() -> int {
        work.wait();
        throw std::runtime_error("interrupted");
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::cancelled);
}

TEST(Contract, DefaultsApplyUnlessTheCallHasOneOfTheSameName) {
    const std::tuple defaults{timeout(1ms, "a"), timeout(1h, "b")};
    {
        Interruptible work;
        const auto done = supervise(timeout(1h, "b"), {.defaults = defaults}, work.interrupt(), [&] { work.wait(); });
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().terminated_by, "a");
    }
    {
        Interruptible work;
        const auto done = supervise(std::tuple{timeout(1h, "a"), timeout(2ms, "b")}, {.defaults = defaults},
                                    work.interrupt(), [&] { work.wait(); });
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().terminated_by, "b");
    }
}

TEST(Contract, OddNamesAreEscapedInMessages) {
    const auto done = supervise(immediate("a\"b\n\x01"), kNoInterrupt, [] {});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "a\"b\n\x01");
    EXPECT_NE(done.error().message.find("\"a\\\"b\\n\\u0001\""), std::string::npos) << done.error().message;
}

}  // namespace
}  // namespace curfew::test
