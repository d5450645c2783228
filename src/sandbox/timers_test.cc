// Handlers that wait for timers: the wait costs no CPU time, counts for the wall clock, and can be cut short.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

// Waits for as many milliseconds as the event says.
constexpr char kSleeper[] = R"(
    export async function handler(time) {
        print("waiting");
        await new Promise((done) => setTimeout(done, time));
        return time;
    })";

constexpr char kAnHour[] = "3600000";
constexpr char kLongest[] = "2147483647";  // more than one message asks for

TEST(Timers, AWaitTakesItsTimeAndNoCpuTime) {
    auto loaded = load_script(kSleeper);
    ASSERT_TRUE(loaded.handle_event("main", "0"));
    const auto done = loaded.handle_event("main", "200", CpuTimeMonitor(100ms));
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->result, "200");
    EXPECT_GE(done->usage.wall_time, 200ms);
    EXPECT_LT(done->usage.cpu_time, 100ms);
}

TEST(Timers, TheWallClockEndsAWait) {
    auto loaded = load_script(kSleeper);
    const auto saved = loaded.snapshot();
    ASSERT_TRUE(saved) << saved.error().message;
    const auto ended = loaded.handle_event("main", kAnHour, std::tuple{CpuTimeMonitor(1s), WallClockMonitor(50ms)});
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, ended.error().ran ? ErrorCode::cancelled : ErrorCode::not_run)
        << ended.error().message;
    EXPECT_EQ(ended.error().terminated_by, "wall-clock");
    EXPECT_GE(ended.error().usage.wall_time, 50ms);
    EXPECT_LT(ended.error().usage.wall_time, 60s) << "the wait went on";
    EXPECT_LT(ended.error().usage.cpu_time, 1s);
    EXPECT_TRUE(loaded.poisoned());

    // The timer is gone with the call.
    ASSERT_TRUE(loaded.restore(*saved));
    const auto next = loaded.handle_event("main", "1", WallClockMonitor(30s));
    ASSERT_TRUE(next) << next.error().message;
    EXPECT_EQ(next->result, "1");
}

TEST(Timers, AKillEndsAWait) {
    auto loaded = load_script(kSleeper);
    const InterruptHandle handle = loaded.interrupt_handle();
    std::jthread killer([&] {
        while (!handle.kill()) std::this_thread::yield();
    });
    const auto ended = loaded.handle_event("main", kLongest, WallClockMonitor(60s));
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, ended.error().ran ? ErrorCode::cancelled : ErrorCode::not_run)
        << ended.error().message;
    EXPECT_EQ(ended.error().terminated_by, "kill");
}

TEST(Timers, AnIntervalThatNeverEndsIsEnded) {
    auto loaded = load_script("export const handler = () => new Promise(() => setInterval(() => {}, 1));");
    const auto ended = loaded.handle_event("main", "0", WallClockMonitor(50ms));
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().terminated_by, "wall-clock");
}

TEST(Timers, BusyCallbacksAreChargedForTheirCpuTime) {
    auto loaded = load_script(R"(
        export const handler = () => new Promise(() => {
            const busy = () => {
                const end = performance.now() + 5;
                while (performance.now() < end);
                setTimeout(busy, 1);
            };
            busy();
        });)");
    const auto ended = loaded.handle_event("main", "0", std::tuple{CpuTimeMonitor(50ms), WallClockMonitor(60s)});
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().terminated_by, "cpu-time");
}

TEST(Timers, ATopLevelWaitsAndIsEndedToo) {
    auto waits = start_sandbox();
    ASSERT_TRUE(waits.add_handler(
        "main", Script::from_content("await new Promise((done) => setTimeout(done, 20));" + std::string(kSleeper))));
    const auto begin = std::chrono::steady_clock::now();
    auto loaded = std::move(waits).load(WallClockMonitor(60s));
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 20ms);
    EXPECT_EQ(loaded->handle_event("main", "1")->result, "1");

    auto never = start_sandbox();
    ASSERT_TRUE(never.add_handler(
        "main",
        Script::from_content("await new Promise((done) => setTimeout(done, 3600000));" + std::string(kSleeper))));
    const auto ended = std::move(never).load(WallClockMonitor(50ms));
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().terminated_by, "wall-clock") << ended.error().message;
}

TEST(Timers, TheOldIdsOfASnapshotMeanNoNewTimers) {
    auto loaded = load_script(R"(
        let old;
        export async function handler(event) {
            if (event === "set") return void (old = setTimeout(() => {}, 0)) ?? null;
            const waits = new Promise((done) => setTimeout(done, 1, "ran"));
            clearTimeout(old);
            return waits;
        })");
    ASSERT_TRUE(loaded.handle_event("main", R"("set")"));
    const auto saved = loaded.snapshot();
    ASSERT_TRUE(saved);
    EXPECT_EQ(loaded.handle_event("main", "0")->result, R"("ran")");
    auto other = LoadedSandbox::from_snapshot(*saved);
    ASSERT_TRUE(other) << other.error().message;
    EXPECT_EQ(other->handle_event("main", "0")->result, R"("ran")");
}

}  // namespace
}  // namespace curfew
