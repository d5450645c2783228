// Host functions that hang: an invocation ends at its limit whatever they do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <curfew/host_module.h>
#include <curfew/monitor.h>
#include <curfew/reply.h>
#include <curfew/sandbox.h>

namespace curfew {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using ::testing::HasSubstr;

constexpr auto kLongTime = 10s;  // less than what hangs would take, much more than what a limit takes

// What a function waits for until the test opens it. Shared, because nothing waits for a function that was left.
class Gate {
  public:
    void open() { opened_.set_value(); }
    void wait() const { future_.wait(); }

  private:
    std::promise<void> opened_;
    std::shared_future<void> future_ = opened_.get_future().share();
};

constexpr const char* kHandler =
    "import * as m from 'm'; export async function handler(what) { return m[what] ? await m[what]() : what; }";

struct Hanging {
    std::shared_ptr<Gate> gate = std::make_shared<Gate>();
    std::optional<LoadedSandbox> sandbox{};
    std::optional<Snapshot> saved{};

    explicit Hanging(SandboxBuilder builder = SandboxBuilder(), std::string source = kHandler) {
        auto proto = builder.build();
        EXPECT_TRUE(proto) << proto.error().message;
        proto->host_module("m")
            .add("hang", [gate = gate] { gate->wait(); })
            .add_async("hang_before_reply",
                       [gate = gate](Reply<int> reply) {
                           gate->wait();
                           reply.send(1);
                       })
            .add("two", [] { return 2; });
        auto runtime = std::move(*proto).load_runtime();
        EXPECT_TRUE(runtime) << runtime.error().message;
        EXPECT_TRUE(runtime->add_handler("main", Script::from_content(std::move(source), "test.js")));
        auto loaded = std::move(*runtime).load();
        EXPECT_TRUE(loaded) << loaded.error().message;
        sandbox.emplace(std::move(*loaded));
        auto snapshot = sandbox->snapshot();
        EXPECT_TRUE(snapshot);
        saved.emplace(std::move(*snapshot));
    }

    // Calls the handler under a limit, and says how it ended.
    std::string call(std::string_view event) {
        const auto begun = steady_clock::now();
        const auto done = sandbox->handle_event("main", event, WallClockMonitor(30ms));
        EXPECT_LT(steady_clock::now() - begun, kLongTime);
        return done ? done->result : done.error().terminated_by + (done.error().ran ? " ran" : "");
    }
};

TEST(HangingFunctions, DoNotPutOffTheEnd) {
    for (const char* event : {"\"hang\"", "\"hang_before_reply\""}) {
        Hanging hanging;
        EXPECT_EQ(hanging.call(event), "wall-clock ran");
        EXPECT_TRUE(hanging.sandbox->poisoned());
        ASSERT_TRUE(hanging.sandbox->restore(*hanging.saved));
        EXPECT_EQ(hanging.call("1"), "1") << "what calls no function does not have to wait for it";
        EXPECT_EQ(hanging.call("\"two\""), "wall-clock ran") << "one function of a sandbox at a time";
        ASSERT_TRUE(hanging.sandbox->restore(*hanging.saved));
        hanging.gate->open();
        const auto done = hanging.sandbox->handle_event("main", "\"two\"");
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_EQ(done->result, "2") << "and not the late result";
    }
}

TEST(HangingFunctions, DoNotPutOffAKill) {
    Hanging hanging;
    std::promise<void> begun;
    std::thread killer([&, handle = hanging.sandbox->interrupt_handle()]() mutable {
        begun.get_future().wait();
        while (!handle.kill()) std::this_thread::yield();
    });
    begun.set_value();
    const auto done = hanging.sandbox->handle_event("main", "\"hang\"");
    killer.join();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "kill");
    hanging.gate->open();
}

TEST(HangingFunctions, DoNotKeepTheirSandbox) {
    std::shared_ptr<Gate> gate;
    {
        Hanging hanging;
        gate = hanging.gate;
        EXPECT_EQ(hanging.call("\"hang\""), "wall-clock ran");
    }
    gate->open();
}

TEST(HangingFunctions, AreWaitedForOnTheCallersThread) {
    std::optional<std::thread::id> ran_on;
    auto proto = SandboxBuilder().with_host_thread(HostThread::callers).build();
    ASSERT_TRUE(proto);
    proto->host_module("m").add("f", [&ran_on](const CallContext& context) {
        while (!context.cancelled()) std::this_thread::yield();
        ran_on = std::this_thread::get_id();
    });
    auto runtime = std::move(*proto).load_runtime();
    ASSERT_TRUE(runtime);
    ASSERT_TRUE(runtime->add_handler("main", Script::from_content("import {f} from 'm'; function handler() { f(); }")));
    auto loaded = std::move(*runtime).load();
    ASSERT_TRUE(loaded);
    ASSERT_FALSE(loaded->handle_event("main", "null", WallClockMonitor(10ms)));
    EXPECT_EQ(ran_on, std::this_thread::get_id());
}

// Whatever a function is late for, it cannot use the sandbox that called it.
TEST(HangingFunctions, CannotUseTheirSandboxWhenTheyAreLate) {
    std::promise<ErrorCode> refused;
    LoadedSandbox* used = nullptr;
    Gate gate;
    auto proto = SandboxBuilder().build();
    ASSERT_TRUE(proto);
    proto->host_module("m").add("f", [&] {
        EXPECT_EQ(used->snapshot().error().code, ErrorCode::invalid_argument);
        gate.wait();
        const auto done = used->handle_event("main", "1");
        refused.set_value(done ? ErrorCode::internal : done.error().code);
    });
    auto runtime = std::move(*proto).load_runtime();
    ASSERT_TRUE(runtime);
    ASSERT_TRUE(runtime->add_handler("main", Script::from_content("import {f} from 'm'; function handler() { f(); }")));
    auto loaded = std::move(*runtime).load();
    ASSERT_TRUE(loaded);
    used = &*loaded;
    ASSERT_FALSE(loaded->handle_event("main", "null", WallClockMonitor(30ms)));
    gate.open();
    EXPECT_EQ(refused.get_future().get(), ErrorCode::invalid_argument);
}

TEST(HangingFunctions, AreChargedForWhatTheyUsedUntilThen) {
    auto stop = std::make_shared<std::atomic<bool>>(false);
    auto proto = SandboxBuilder().build();
    ASSERT_TRUE(proto);
    proto->host_module("m").add("burn", [stop] {
        while (!*stop) {
        }
    });
    auto runtime = std::move(*proto).load_runtime();
    ASSERT_TRUE(runtime);
    ASSERT_TRUE(
        runtime->add_handler("main", Script::from_content("import {burn} from 'm'; function handler() { burn(); }")));
    auto loaded = std::move(*runtime).load();
    ASSERT_TRUE(loaded);
    const auto done = loaded->handle_event("main", "null", CpuTimeMonitor(50ms));
    *stop = true;
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().terminated_by, "cpu-time");
    EXPECT_GE(done.error().usage.host_cpu_time, 40ms);
}

TEST(HangingPrintFunctions, DoNotPutOffTheEnd) {
    const auto gate = std::make_shared<Gate>();
    Hanging hanging(SandboxBuilder().with_print([gate](PrintLevel, std::string_view) { gate->wait(); }),
                    "export function handler() { console.log('x'); return 1; }");
    EXPECT_EQ(hanging.call("null"), "wall-clock ran");
    gate->open();
}

}  // namespace
}  // namespace curfew
