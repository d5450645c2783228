// Monitors of what passes between a handler and its host functions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <semaphore>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <curfew/curfew.h>
#include <curfew/json.h>

namespace curfew {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

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

// --- The size of arguments ---

// A sandbox whose handler passes what the event says to a function that takes JSON.
struct Taker {
    explicit Taker(const SandboxBuilder& builder = SandboxBuilder()) {
        auto proto = builder.build();
        EXPECT_TRUE(proto);
        proto->host_module("m").add("take", [this](const nlohmann::json& value) {
            ++calls;
            return value.size();
        });
        proto->host_module("m").add_raw("raw", [](std::string_view json) { return std::to_string(json.size()); });
        auto runtime = std::move(*proto).load_runtime();
        EXPECT_TRUE(runtime) << runtime.error().message;
        EXPECT_TRUE(runtime->add_handler("main", Script::from_content(R"(
            import { take, raw } from "m";
            export function handler([what, times]) {
                try {
                    if (what === "raw") return raw(new Array(times).fill(0));
                    return take(what === "text" ? "x".repeat(times) : new Array(times).fill(what));
                } catch (error) { return error.message; }
            })")));
        auto loaded = std::move(*runtime).load();
        EXPECT_TRUE(loaded) << loaded.error().message;
        sandbox = std::make_unique<LoadedSandbox>(std::move(*loaded));
    }

    std::string call(std::string_view event) {
        const auto done = sandbox->handle_event("main", event, WallClockMonitor(1min));
        EXPECT_TRUE(done) << done.error().message;
        return done ? done->result : "";
    }

    int calls = 0;
    std::unique_ptr<LoadedSandbox> sandbox;
};

TEST(HostArgumentLimit, IsAMebibyteIfTheBuilderSaysNothing) {
    Taker taker(SandboxBuilder().with_heap_size(64 << 20));  // some engines make several copies of a large text
    EXPECT_EQ(taker.call(R"(["text", 1048566])"), "1");      // with quotes and the 8 bytes of each argument: the limit
    EXPECT_EQ(taker.calls, 1);
    for (const char* const event : {R"(["text", 1048567])", R"(["text", 5000000])"}) {
        const std::string error = taker.call(event);
        EXPECT_THAT(error, HasSubstr("the arguments of m.take have "));
        EXPECT_THAT(error, HasSubstr("1 MiB"));
        EXPECT_THAT(error, HasSubstr("with_host_argument_limit"));
    }
    EXPECT_EQ(taker.calls, 1) << "a call with too many does not reach the function";
    EXPECT_EQ(taker.call(R"(["text", 10])"), "1") << "and the sandbox goes on";
}

TEST(HostArgumentLimit, IsTheBuildersAlsoBelowAndAboveTheWindow) {
    Taker small(SandboxBuilder().with_host_argument_limit(100));
    EXPECT_EQ(small.call(R"(["text", 90])"), "1");
    EXPECT_THAT(small.call(R"(["text", 91])"), HasSubstr("101 bytes"));
    EXPECT_THAT(small.call(R"(["text", 1000000])"), HasSubstr("100 bytes"));
    Taker large(SandboxBuilder().with_host_argument_limit(4 << 20).with_heap_size(64 << 20));
    EXPECT_EQ(large.call(R"(["text", 3000000])"), "1");
    EXPECT_THAT(large.call(R"(["text", 4500000])"), HasSubstr("4 MiB"));
}

TEST(HostArgumentLimit, CountsARefusedCall) {
    Taker taker;
    const auto done = taker.sandbox->handle_event("main", R"(["text", 2000000])", OutputMonitor(100'000));
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->usage.host_calls, 1U);
    EXPECT_LT(done->usage.bytes_out, 1000U) << "of the arguments nothing was passed out";
}

TEST(HostArgumentLimit, BoundsTheNumberOfValuesThatTheHostMakes) {
    Taker taker;
    EXPECT_EQ(taker.call("[{}, 99999]"), "99999");  // and the array
    for (const char* const value : {"{}", "[]", "0", R"("")", R"({"a":0})"}) {
        EXPECT_THAT(taker.call("[" + std::string(value) + ", 100000]"), HasSubstr("more than 100000 values")) << value;
    }
    EXPECT_EQ(taker.calls, 1);
    EXPECT_EQ(taker.call(R"(["text", 200000])"), "1") << "a text is one value, whatever it says";
    EXPECT_EQ(taker.call(R"(["raw", 200000])"), "400003") << "the host makes no values of raw arguments";
}

// The figures of docs/host-functions.md. Run it alone to read them.
TEST(HostArgumentLimit, BoundsTheMemoryThatArgumentsTakeAsValues) {
    const auto allocated = [] {
        const struct mallinfo2 info = ::mallinfo2();
        return info.uordblks + info.hblkhd;
    };
    if (allocated() == 0) GTEST_SKIP() << "the allocator does not say how much it has given out";
    std::size_t before = 0;
    std::size_t during = 0;
    auto proto = SandboxBuilder().with_heap_size(256 << 20).build();
    ASSERT_TRUE(proto);
    proto->host_module("m").add("json", [&](const nlohmann::json&) { during = allocated(); });
    proto->host_module("m").add(
        "three", [&](const nlohmann::json&, const nlohmann::json&, const nlohmann::json&) { during = allocated(); });
    proto->host_module("m").add("maps",
                                [&](const std::vector<std::map<std::string, std::string>>&) { during = allocated(); });
    proto->host_module("m").add("bytes", [&](std::span<const std::byte>) { during = allocated(); });
    proto->host_module("m").add_raw("raw", [&](std::string_view) {
        during = allocated();
        return "null";
    });
    auto runtime = std::move(*proto).load_runtime();
    ASSERT_TRUE(runtime) << runtime.error().message;
    ASSERT_TRUE(runtime->add_handler("main", Script::from_content(R"(
        import * as m from "m";
        export function handler([name, what, times]) {
            const list = new Array(times).fill(what);
            if (name === "bytes") m.bytes(new Uint8Array(times));
            else if (name === "three") m.three(list, list, list);
            else m[name](list);
            return null;
        })")));
    auto loaded = std::move(*runtime).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    const std::size_t most = 40 * SandboxBuilder::kDefaultHostArgumentLimit;
    for (const char* const event :
         {R"(["json", {}, 99999])", R"(["json", [], 99999])", R"(["json", 0, 99999])", R"(["json", {"a": 0}, 49999])",
          R"(["json", "xxxxx", 99999])", R"(["maps", {}, 99999])", R"(["maps", {"a": ""}, 49999])",
          R"(["three", {}, 99999])", R"(["raw", 0, 524000])", R"(["bytes", 0, 1048000])"}) {
        before = allocated();
        during = 0;
        const auto done = loaded->handle_event("main", event);
        ASSERT_TRUE(done) << event << ": " << done.error().message;
        ASSERT_GT(during, before) << event;
        std::cout << event << ": " << static_cast<double>(during - before) / (1 << 20) << " MiB\n";
        EXPECT_LT(during - before, most) << event;
    }
}

}  // namespace
}  // namespace curfew
