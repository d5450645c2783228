// Monitors of what passes between a handler and its host functions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <semaphore>
#include <tuple>
#include <utility>

#include <curfew/curfew.h>

namespace curfew {
namespace {

using namespace std::chrono_literals;

// A sandbox whose handler calls the host function `f` as often as the event says, and counts the calls.
struct Caller {
    int calls = 0;
    std::function<void()> in_call = [] {};
    LoadedSandbox sandbox = load();

    LoadedSandbox load() {
        auto proto = SandboxBuilder().build();
        EXPECT_TRUE(proto);
        proto->host_module("m").add("f", [this](int argument) {
            ++calls;
            in_call();
            return argument;
        });
        auto runtime = std::move(*proto).load_runtime();
        EXPECT_TRUE(runtime) << runtime.error().message;
        EXPECT_TRUE(runtime->add_handler("main", Script::from_content(R"(
            import { f } from "m";
            export function handler(times) {
                let sum = 0;
                for (let i = 0; i < times; ++i) {
                    try { sum += f(1); } catch { /* a handler cannot go on by catching */ }
                }
                return sum;
            })")));
        auto loaded = std::move(*runtime).load();
        EXPECT_TRUE(loaded) << loaded.error().message;
        return std::move(*loaded);
    }
};

TEST(HostCallLimits, AsManyCallsAsTheLimitAreFine) {
    Caller caller;
    for (int i = 0; i < 3; ++i) {
        const auto done = caller.sandbox.handle_event("main", "5", HostCallMonitor(5));
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_EQ(done->result, "5");
        EXPECT_EQ(done->usage.host_calls, 5U);
    }
    EXPECT_EQ(caller.calls, 15);
}

TEST(HostCallLimits, TheCallOverTheLimitEndsTheHandlerAndDoesNotReachTheFunction) {
    Caller caller;
    const auto fresh = caller.sandbox.snapshot();
    ASSERT_TRUE(fresh);
    for (int i = 1; i <= 3; ++i) {
        const auto done = caller.sandbox.handle_event(
            "main", "1000", std::tuple{WallClockMonitor(1min), HostCallMonitor(5), CpuTimeMonitor(1min)});
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, ErrorCode::cancelled);
        EXPECT_EQ(done.error().terminated_by, "host-calls");
        EXPECT_EQ(done.error().usage.host_calls, 6U);
        EXPECT_EQ(caller.calls, 5 * i);
        ASSERT_TRUE(caller.sandbox.restore(*fresh));
    }
}

TEST(HostCallLimits, ASoftOneWarnsAndLetsGoOn) {
    Caller caller;
    std::counting_semaphore<> warnings(0);
    caller.in_call = [&] {
        if (caller.calls == 10) warnings.acquire();
    };
    const SoftMonitor soft(HostCallMonitor(5), [&](const monitor::Warning& warning) {
        EXPECT_EQ(warning.monitor, "host-calls");
        warnings.release();
    });
    const auto done = caller.sandbox.handle_event("main", "20", soft);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->result, "20");
    EXPECT_FALSE(warnings.try_acquire());  // one warning only
}

// The host function waits for as long as the limit, twice: without the exclusion it would be exceeded.
TEST(HostCallLimits, AWallClockMonitorCanLeaveHostCallsOut) {
    auto proto = SandboxBuilder().build();
    ASSERT_TRUE(proto);
    proto->host_module("m").add("wait", [](const CallContext& context) {
        std::mutex mutex;
        std::condition_variable_any never;
        std::unique_lock lock(mutex);
        never.wait_for(lock, context.stop_token(), 200ms, [] { return false; });
    });
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(sandbox);
    ASSERT_TRUE(sandbox->add_handler("main", Script::from_content(R"(
        import { wait } from "m";
        export function handler(forever) { wait(); wait(); while (forever) {} return "done"; })")));
    auto loaded = std::move(*sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    const auto fresh = loaded->snapshot();
    ASSERT_TRUE(fresh);

    const auto counted = loaded->handle_event("main", "false", WallClockMonitor(200ms));
    ASSERT_FALSE(counted);
    EXPECT_EQ(counted.error().terminated_by, "wall-clock");
    ASSERT_TRUE(loaded->restore(*fresh));

    const auto left_out = WallClockMonitor(200ms).excluding_host_calls();
    const auto done = loaded->handle_event("main", "false", left_out);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_GE(done->usage.wall_time, 400ms);

    const auto endless = loaded->handle_event("main", "true", left_out);
    ASSERT_FALSE(endless);
    EXPECT_EQ(endless.error().terminated_by, "wall-clock");
    EXPECT_GE(endless.error().usage.wall_time, 600ms);
}

}  // namespace
}  // namespace curfew
