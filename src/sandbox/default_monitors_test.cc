// The monitors that a builder gives to every load and call.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <semaphore>
#include <string>

#include <curfew/monitor.h>
#include <curfew/observer.h>
#include <curfew/sandbox.h>

#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* kLoopsWhenAsked = "function handler(endless) { while (endless); return 1; }";

ProtoSandbox proto_with(std::vector<AnyMonitor> defaults) {
    auto proto = SandboxBuilder().with_default_monitors(std::move(defaults)).build();
    EXPECT_TRUE(proto) << proto.error().message;
    return std::move(*proto);
}

Sandbox sandbox_with(std::vector<AnyMonitor> defaults, const std::string& source = kLoopsWhenAsked) {
    auto sandbox = proto_with(std::move(defaults)).load_runtime();
    EXPECT_TRUE(sandbox) << sandbox.error().message;
    EXPECT_TRUE(sandbox->add_handler("main", Script::from_content(source)));
    return std::move(*sandbox);
}

LoadedSandbox loaded_with(std::vector<AnyMonitor> defaults, const std::string& source = kLoopsWhenAsked) {
    auto loaded = sandbox_with(std::move(defaults), source).load();
    EXPECT_TRUE(loaded) << loaded.error().message;
    return std::move(*loaded);
}

// Who ended a call that would never end; empty: nobody.
std::string ended_by(LoadedSandbox& sandbox, MonitorSet auto const& own) {
    const auto done = sandbox.handle_event("main", "1", own);
    EXPECT_FALSE(done);
    return done ? "" : done.error().terminated_by;
}

TEST(DefaultMonitors, HoldForCallsThatNameNone) {
    auto loaded = loaded_with({CpuTimeMonitor(50ms), WallClockMonitor(60s)});
    ASSERT_TRUE(loaded.handle_event("main", "0"));
    EXPECT_EQ(ended_by(loaded, std::tuple<>{}), "cpu-time");
}

// --- The wall limit that there is if nobody names one ---

constexpr const char* kSleepsWhenAsked =
    "function handler(endless) { return endless ? new Promise(resolve => setTimeout(resolve, 1e9)) : 1; }";

LoadedSandbox loaded_by(const SandboxBuilder& builder, const std::string& source) {
    auto proto = builder.build();
    EXPECT_TRUE(proto) << proto.error().message;
    auto sandbox = std::move(*proto).load_runtime();
    EXPECT_TRUE(sandbox) << sandbox.error().message;
    EXPECT_TRUE(sandbox->add_handler("main", Script::from_content(source)));
    auto loaded = std::move(*sandbox).load();
    EXPECT_TRUE(loaded) << loaded.error().message;
    return std::move(*loaded);
}

TEST(DefaultWallLimit, EndsWhatNothingElseLimits) {
    for (const char* const source : {kLoopsWhenAsked, kSleepsWhenAsked}) {
        auto loaded = loaded_by(SandboxBuilder().with_default_wall_limit(50ms), source);
        ASSERT_TRUE(loaded.handle_event("main", "0"));
        EXPECT_EQ(ended_by(loaded, std::tuple<>{}), "wall-clock");
    }
    auto loaded = loaded_by(SandboxBuilder().with_default_wall_limit(50ms), kSleepsWhenAsked);
    EXPECT_EQ(ended_by(loaded, CpuTimeMonitor(1h)), "wall-clock") << "which CPU time never ends";
}

TEST(DefaultWallLimit, HoldsForLoadingAndForWhatStartsFromASnapshot) {
    auto proto = SandboxBuilder().with_default_wall_limit(50ms).build();
    ASSERT_TRUE(proto);
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(sandbox);
    ASSERT_TRUE(sandbox->add_handler("main", Script::from_content("for (;;); function handler() {}")));
    const auto ended = std::move(*sandbox).load();
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().terminated_by, "wall-clock");

    auto first = loaded_by(SandboxBuilder().with_default_wall_limit(50ms), kLoopsWhenAsked);
    const auto saved = first.snapshot();
    ASSERT_TRUE(saved);
    auto second = LoadedSandbox::from_snapshot(*saved);
    ASSERT_TRUE(second);
    EXPECT_EQ(ended_by(*second, std::tuple<>{}), "wall-clock");
}

// A handler that prints sees how many timers are armed for its invocation.
std::size_t timers_in_call(SandboxBuilder builder) {
    std::size_t armed = 0;
    builder.with_print([&](PrintLevel, std::string_view) { armed = monitor::runtime_stats().timers_armed; });
    auto loaded = loaded_by(builder, "function handler() { print('now'); return 1; }");
    EXPECT_TRUE(loaded.handle_event("main", "0"));
    return armed;
}

TEST(DefaultWallLimit, IsThereUnlessItIsSwitchedOff) {
    EXPECT_EQ(timers_in_call(SandboxBuilder()), 1U);
    EXPECT_EQ(timers_in_call(SandboxBuilder().without_default_wall_limit()), 0U);
}

TEST(DefaultWallLimit, IsThereForSnapshotsOfFilesToo) {
    class SeesTimers final : public Observer {
      public:
        std::size_t armed = 0;
        void printed(const observed::Printed& /*event*/) noexcept override {
            armed = monitor::runtime_stats().timers_armed;
        }
    };
    auto loaded =
        loaded_by(SandboxBuilder().without_default_wall_limit(), "function handler() { print('now'); return 1; }");
    const std::string file = ::testing::TempDir() + "/default_wall_limit." + std::to_string(::getpid());
    ASSERT_TRUE(loaded.snapshot()->save(file));
    const auto read = Snapshot::load(file);
    std::filesystem::remove(file);
    ASSERT_TRUE(read) << read.error().message;
    auto from_file = LoadedSandbox::from_snapshot(*read);
    ASSERT_TRUE(from_file);
    const auto sees = std::make_shared<SeesTimers>();
    const ObserverRegistration registration = add_observer(sees);
    EXPECT_TRUE(from_file->handle_event("main", "0"));
    EXPECT_EQ(sees->armed, 1U);
}

TEST(DefaultWallLimit, GivesWayToTheUsersOwn) {
    const auto too_short = SandboxBuilder().with_default_wall_limit(20ms);
    const char* const slow = "function handler() { const end = Date.now() + 200; while (Date.now() < end); return 1; }";
    auto loaded = loaded_by(too_short, slow);
    EXPECT_TRUE(loaded.handle_event("main", "0", WallClockMonitor(1min)));
    EXPECT_EQ(ended_by(loaded, SoftMonitor(WallClockMonitor(1min))), "wall-clock") << "which only warns";

    auto with_own = loaded_by(SandboxBuilder(too_short).with_default_monitors({WallClockMonitor(1min)}), slow);
    EXPECT_TRUE(with_own.handle_event("main", "0"));
}

TEST(DefaultWallLimit, IsRefusedIfItLetsNothingRun) {
    for (const auto limit : {0ns, -1ns}) {
        const auto refused = SandboxBuilder().with_default_wall_limit(limit).build();
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
        EXPECT_THAT(refused.error().message, HasSubstr("without_default_wall_limit()"));
    }
}

TEST(DefaultMonitors, HoldForLoading) {
    auto sandbox = sandbox_with({CpuTimeMonitor(50ms)}, "for (;;);");
    const auto ended = std::move(sandbox).load();
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, ErrorCode::cancelled);
    EXPECT_EQ(ended.error().terminated_by, "cpu-time");
}

TEST(DefaultMonitors, HoldBesideACallsOwn) {
    auto loaded = loaded_with({CpuTimeMonitor(50ms)});
    EXPECT_EQ(ended_by(loaded, WallClockMonitor(60s)), "cpu-time");
    auto other = loaded_with({CpuTimeMonitor(60s)});
    EXPECT_EQ(ended_by(other, WallClockMonitor(50ms)), "wall-clock");
}

TEST(DefaultMonitors, ACallsOwnOfTheSameNameTakesTheirPlace) {
    // Tighter, and wider.
    auto wide = loaded_with({CpuTimeMonitor(60s)});
    EXPECT_EQ(ended_by(wide, CpuTimeMonitor(50ms)), "cpu-time");
    auto tight = loaded_with({OutputMonitor(3)}, "function handler(n) { return 'x'.repeat(n); }");
    ASSERT_FALSE(tight.handle_event("main", "2", WallClockMonitor(60s)));
    auto sandbox = sandbox_with({OutputMonitor(3)}, "function handler(n) { return 'x'.repeat(n); }");
    auto overridden = std::move(sandbox).load(OutputMonitor(100));
    ASSERT_TRUE(overridden);
    EXPECT_TRUE(overridden->handle_event("main", "98", OutputMonitor(100)));
    EXPECT_EQ(overridden->handle_event("main", "99", OutputMonitor(100)).error().terminated_by, "output");
}

TEST(DefaultMonitors, LoadingHasItsOwnToo) {
    auto sandbox = sandbox_with({MemoryMonitor(1000)});
    const auto ended = std::move(sandbox).load();
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().terminated_by, "memory");
    EXPECT_TRUE(std::move(sandbox).load(MemoryMonitor(16 << 20)));
}

class SoftAndHard : public ::testing::Test {
  protected:
    // Grows, tells so, and waits until the host has been warned if it is to be.
    static constexpr const char* kGrows = R"(
        function handler(size) {
            const first = new Uint8Array(2 << 20).fill(1);
            print('grown');
            return first.length + new Uint8Array(size).fill(1).length;
        })";

    LoadedSandbox load(std::vector<AnyMonitor> defaults) {
        auto proto = SandboxBuilder()
                         .with_default_monitors(std::move(defaults))
                         .with_print([this](PrintLevel, std::string_view) {
                             EXPECT_TRUE(!expected_ || warned_.try_acquire_for(60s));
                         })
                         .build();
        auto sandbox = std::move(*proto).load_runtime();
        EXPECT_TRUE(sandbox->add_handler("main", Script::from_content(kGrows)));
        auto loaded = std::move(*sandbox).load();
        EXPECT_TRUE(loaded) << loaded.error().message;
        return std::move(*loaded);
    }

    AnyMonitor soft(std::uint64_t limit) {
        return SoftMonitor(MemoryMonitor(limit), [this](const monitor::Warning&) { warned_.release(); });
    }

    std::counting_semaphore<> warned_{0};
    bool expected_ = true;
};

TEST_F(SoftAndHard, OfTheSameNameCombine) {
    auto loaded = load({soft(1 << 20), MemoryMonitor(4 << 20)});
    const auto done = loaded.handle_event("main", "0");
    EXPECT_TRUE(done) << done.error().message;
    const auto ended = loaded.handle_event("main", "8000000");
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().terminated_by, "memory");
}

TEST_F(SoftAndHard, AHardOneOfTheCallLeavesTheSoftDefault) {
    auto loaded = load({soft(1 << 20), MemoryMonitor(4 << 20)});
    const auto done = loaded.handle_event("main", "8000000", MemoryMonitor(15 << 20));
    EXPECT_TRUE(done) << done.error().message;
}

TEST_F(SoftAndHard, ASoftOneOfTheCallLeavesTheHardDefault) {
    auto loaded = load({MemoryMonitor(4 << 20)});
    const auto ended = loaded.handle_event("main", "8000000", soft(1 << 20));
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().terminated_by, "memory");
}

TEST_F(SoftAndHard, ASoftOneOfTheCallTakesThePlaceOfTheSoftDefault) {
    auto loaded = load({soft(1 << 20)});
    expected_ = false;
    const auto done = loaded.handle_event("main", "0", soft(15 << 20));
    EXPECT_TRUE(done) << done.error().message;
    EXPECT_FALSE(warned_.try_acquire());
}

TEST(DefaultMonitors, OneThatWasMovedFromIsRefusedByBuild) {
    AnyMonitor monitor = WallClockMonitor(1s);
    const AnyMonitor taken = std::move(monitor);
    const auto proto = SandboxBuilder().with_default_monitors({taken, monitor}).build();
    ASSERT_FALSE(proto);
    EXPECT_EQ(proto.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(proto.error().message, HasSubstr("default monitor 2 of 2 was moved from"));
}

TEST(DefaultMonitors, ThatCannotStartKeepTheHandlerFromRunning) {
    struct Broken {
        Result<MonitorTask> get_monitor(const Invocation& call) const {
            if (call.handler().empty()) return watch();  // loading is fine
            return std::unexpected(Error{.code = ErrorCode::unavailable, .message = "no sensor"});
        }
        std::string_view name() const noexcept { return "broken"; }
        static MonitorTask watch() { co_await monitor::forever(); }
    };
    auto loaded = loaded_with({Broken()});
    const auto failed = loaded.handle_event("main", "0");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, ErrorCode::monitor_failed);
    EXPECT_THAT(failed.error().message, AllOf(HasSubstr("broken"), HasSubstr("no sensor")));
    EXPECT_FALSE(loaded.poisoned());
}

TEST(DefaultMonitors, OneOfACallThatWasMovedFromKeepsTheHandlerFromRunning) {
    auto loaded = loaded_with({});
    std::vector<AnyMonitor> own{WallClockMonitor(1s)};
    const AnyMonitor taken = std::move(own.front());
    const auto failed = loaded.handle_event("main", "0", own);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, ErrorCode::monitor_failed);
    EXPECT_THAT(failed.error().message, HasSubstr("moved from"));
    EXPECT_FALSE(loaded.poisoned());
    EXPECT_TRUE(loaded.handle_event("main", "0"));
}

TEST(DefaultMonitors, GoWithASnapshotUnlessAnotherHostIsNamed) {
    auto loaded = loaded_with({CpuTimeMonitor(50ms)});
    const auto saved = loaded.snapshot();
    ASSERT_TRUE(saved);
    auto same = LoadedSandbox::from_snapshot(*saved);
    ASSERT_TRUE(same);
    EXPECT_EQ(ended_by(*same, std::tuple<>{}), "cpu-time");
    auto other = LoadedSandbox::from_snapshot(*saved, proto_with({WallClockMonitor(50ms)}));
    ASSERT_TRUE(other);
    EXPECT_EQ(ended_by(*other, std::tuple<>{}), "wall-clock");
}

}  // namespace
}  // namespace curfew
