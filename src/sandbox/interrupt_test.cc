// Invocations that do not end by themselves are ended, wherever they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <thread>

#include <curfew/monitor.h>
#include <curfew/sandbox.h>

#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using namespace std::chrono_literals;
using sandbox::testing::load_script;
using sandbox::testing::start_sandbox;
using ::testing::HasSubstr;

struct Endless {
    const char* name;
    const char* body;  // of the handler
};

// In-process engines look for an interrupt between bytecodes, so most of these outrun their limits there.
const Endless kEndless[] = {
    {"Loop", "for (;;);"},
    {"RegularExpression", "return /^(a+)+$/.test('a'.repeat(100) + 'b');"},
    {"Sort",
     "const a = Array.from({length: 1e5}, (_, i) => i * 7919 % 1000003); for (;;) { a.sort((x, y) => x - y); "
     "a.reverse(); }"},
    {"Stringify",
     "let a = []; for (let i = 0; i < 20; ++i) a = [a, a]; return JSON.stringify([a, a, a, a, a, a, a, a]).length + "
     "JSON.stringify([a, a, a, a, a, a, a, a]).length + handler();"},
    {"BigInt", "let a = 3n ** 300000n; for (;;) a = (a * a) >> 475000n;"},
    {"PromiseJobs", "function next() { return Promise.resolve().then(next); } return next();"},
    {"IndexOf", "for (;;) Array.prototype.indexOf.call({length: 4294967295}, 1);"},
    {"Includes", "for (;;) Array.prototype.includes.call({length: 4294967295}, 1);"},
    {"Join", "return Array.prototype.join.call({length: 4294967295}, '');"},
    {"Reverse", "return Array.prototype.reverse.call({length: 4294967295});"},
    {"StringRaw", "return String.raw({raw: {length: 4294967295}});"},
};

class EndlessHandlers : public ::testing::TestWithParam<Endless> {};

TEST_P(EndlessHandlers, AreEndedByWallClock) {
    auto loaded = load_script(std::string("function handler(e) { if (e) return e; ") + GetParam().body + " }");
    const auto saved = loaded.snapshot();
    ASSERT_TRUE(saved) << saved.error().message;
    const auto ended = loaded.handle_event("main", "0", WallClockMonitor(50ms));
    ASSERT_FALSE(ended) << ended->result;
    EXPECT_EQ(ended.error().code, ended.error().ran ? ErrorCode::cancelled : ErrorCode::not_run)
        << ended.error().message;
    EXPECT_EQ(ended.error().terminated_by, "wall-clock");
    EXPECT_GE(ended.error().usage.wall_time, 50ms);
    EXPECT_TRUE(loaded.poisoned());
    EXPECT_EQ(loaded.handle_event("main", "1").error().code, ErrorCode::poisoned);
    EXPECT_EQ(loaded.snapshot().error().code, ErrorCode::poisoned);
    ASSERT_TRUE(loaded.restore(*saved));
    EXPECT_FALSE(loaded.poisoned());
    EXPECT_EQ(loaded.handle_event("main", "1", WallClockMonitor(10s))->result, "1");
}

TEST_P(EndlessHandlers, AreEndedByCpuTime) {
    auto loaded = load_script(std::string("function handler(e) { if (e) return e; ") + GetParam().body + " }");
    const auto ended = loaded.handle_event("main", "0", std::tuple{CpuTimeMonitor(50ms), WallClockMonitor(30s)});
    ASSERT_FALSE(ended) << ended->result;
    EXPECT_EQ(ended.error().terminated_by, "cpu-time") << ended.error().message;
    EXPECT_GE(ended.error().usage.cpu_time, 50ms);
}

INSTANTIATE_TEST_SUITE_P(Sandbox, EndlessHandlers, ::testing::ValuesIn(kEndless),
                         [](const auto& test) { return test.param.name; });

TEST(Interrupt, ATopLevelThatNeverEndsIsStoppedAtLoad) {
    auto sandbox = start_sandbox();
    ASSERT_TRUE(sandbox.add_handler("stuck", Script::from_content("for (;;); function handler() {}")));
    const auto ended = std::move(sandbox).load(WallClockMonitor(50ms));
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, ended.error().ran ? ErrorCode::cancelled : ErrorCode::not_run);
    EXPECT_EQ(ended.error().terminated_by, "wall-clock");
    sandbox.clear_handlers();
    ASSERT_TRUE(sandbox.add_handler("fine", Script::from_content("function handler() { return 1; }")));
    auto loaded = std::move(sandbox).load(WallClockMonitor(10s));
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->handle_event("fine", "null")->result, "1");
}

TEST(Interrupt, UnloadRecoversFromPoison) {
    auto loaded = load_script("function handler() { for (;;); }");
    ASSERT_FALSE(loaded.handle_event("main", "0", WallClockMonitor(5ms)));
    auto sandbox = std::move(loaded).unload();
    ASSERT_TRUE(sandbox);
    ASSERT_TRUE(sandbox->add_handler("fine", Script::from_content("function handler() { return 1; }")));
    EXPECT_EQ(std::move(*sandbox).load()->handle_event("fine", "null")->result, "1");
}

TEST(Interrupt, AHandleEndsTheInvocationThatRunsAndNoOther) {
    auto loaded = load_script("function handler(e) { print('running'); while (e); return e; }");
    const InterruptHandle handle = loaded.interrupt_handle();
    EXPECT_FALSE(handle.kill());
    EXPECT_EQ(loaded.handle_event("main", "0")->result, "0");
    EXPECT_FALSE(handle.kill());
    EXPECT_EQ(loaded.handle_event("main", "0")->result, "0");
    const auto saved = loaded.snapshot();
    std::jthread killer([&] {
        while (!handle.kill()) std::this_thread::yield();
    });
    const auto ended = loaded.handle_event("main", "1");
    killer.join();
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, ended.error().ran ? ErrorCode::cancelled : ErrorCode::not_run);
    EXPECT_EQ(ended.error().terminated_by, "kill");
    EXPECT_FALSE(handle.kill());
    ASSERT_TRUE(loaded.restore(*saved));
    EXPECT_EQ(loaded.handle_event("main", "0")->result, "0");
}

TEST(Interrupt, AHandleOutlivesItsSandbox) {
    const InterruptHandle handle = load_script("function handler() { return 1; }").interrupt_handle();
    EXPECT_FALSE(handle.kill());
}

TEST(Interrupt, AKillThatRacesWithTheEndIsEitherAResultOrCancelled) {
    auto loaded = load_script("function handler(e) { return e; }");
    const auto saved = loaded.snapshot();
    const InterruptHandle handle = loaded.interrupt_handle();
    ASSERT_TRUE(loaded.restore(*saved));
    int cancelled = 0;
    for (int i = 0; i < 2000; ++i) {
        bool killed = false;
        std::jthread killer([&, i] {
            for (int wait = 0; wait < i * 20 % 40000; ++wait) __builtin_ia32_pause();
            killed = handle.kill();
        });
        const auto done = loaded.handle_event("main", "5");
        killer.join();
        if (done) {
            EXPECT_FALSE(killed);
            EXPECT_EQ(done->result, "5");
            EXPECT_FALSE(loaded.poisoned());
        } else {
            ++cancelled;
            EXPECT_TRUE(killed);
            // The kill may have come first.
            ASSERT_EQ(done.error().code, done.error().ran ? ErrorCode::cancelled : ErrorCode::not_run)
                << done.error().message;
            EXPECT_EQ(loaded.poisoned(), done.error().ran);
            ASSERT_TRUE(loaded.restore(*saved));
        }
    }
    RecordProperty("cancelled", cancelled);
}

TEST(Interrupt, AMonitorThatFiresAtOnceKeepsTheHandlerFromHavingAnyEffect) {
    struct AtOnce {
        Result<MonitorTask> get_monitor(const Invocation&) const { return fire(); }
        std::string_view name() const noexcept { return "at-once"; }
        static MonitorTask fire() { co_return; }
    };
    std::uint64_t printed = 0;
    auto proto = SandboxBuilder().with_print([&](PrintLevel, std::string_view) { ++printed; }).build();
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(sandbox->add_handler("main", Script::from_content("function handler() { print('ran'); return 1; }")));
    auto loaded = std::move(*sandbox).load();
    const auto saved = loaded->snapshot();
    for (int i = 0; i < 1000; ++i) {
        const auto ended = loaded->handle_event("main", "0", AtOnce());
        ASSERT_EQ(ended.error().terminated_by, "at-once");
        ASSERT_TRUE(loaded->restore(*saved));
    }
    EXPECT_EQ(printed, 0U);
}

TEST(Interrupt, AMonitorThatCannotStartKeepsTheHandlerFromRunningAndDoesNotPoison) {
    struct Broken {
        Result<MonitorTask> get_monitor(const Invocation&) const {
            return std::unexpected(Error{.code = ErrorCode::unavailable, .message = "no sensor"});
        }
        std::string_view name() const noexcept { return "broken"; }
    };
    auto loaded = load_script("let n = 0; function handler() { return ++n; }");
    const auto failed = loaded.handle_event("main", "0", std::tuple{WallClockMonitor(1s), Broken()});
    EXPECT_EQ(failed.error().code, ErrorCode::monitor_failed);
    EXPECT_THAT(failed.error().message, HasSubstr("broken"));
    EXPECT_FALSE(loaded.poisoned());
    EXPECT_EQ(loaded.handle_event("main", "0")->result, "1");
}

}  // namespace
}  // namespace curfew
