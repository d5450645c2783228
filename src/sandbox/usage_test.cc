// What a call returns as used, however it ended.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>

#include <curfew/monitor.h>
#include <curfew/sandbox.h>

#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using namespace std::chrono_literals;
using sandbox::testing::load_script;
using sandbox::testing::start_sandbox;

const CallOptions kCountPages{.count_pages = true};
constexpr std::uint64_t kHeap = SandboxBuilder::kDefaultHeapSize;

// Does what the event says.
constexpr const char* kHandler = R"(
    function handler(event) {
        const kept = new Uint8Array(2 << 20).fill(1);
        print('printed');
        if (event === 'throw') throw new Error('thrown');
        while (event === 'loop');
        return kept.length;
    })";

void expect_plausible(const Usage& usage, std::string_view event) {
    EXPECT_GT(usage.wall_time, 0ns);
    EXPECT_LT(usage.wall_time, 5min);
    EXPECT_GT(usage.cpu_time, 0ns);
    EXPECT_LT(usage.cpu_time, 5min);
    EXPECT_GT(usage.host_cpu_time, 0ns) << "it prints";
    EXPECT_LT(usage.host_cpu_time, 5min);
    EXPECT_GT(usage.peak_heap, 2U << 20);
    EXPECT_LE(usage.peak_heap, kHeap);
    EXPECT_EQ(usage.host_calls, 0U);
    EXPECT_EQ(usage.bytes_in, std::string_view("main").size() + event.size());
    EXPECT_EQ(usage.bytes_printed, SandboxBuilder::kLeastBytesPrinted);
    EXPECT_GT(usage.pages_dirtied, (2U << 20) / 4096);
    EXPECT_LT(usage.pages_dirtied, (2 * kHeap) / 4096);
}

TEST(Usage, OfACallThatSucceeds) {
    auto loaded = load_script(kHandler);
    const auto done = loaded.handle_event("main", R"("go on")", WallClockMonitor(60s), kCountPages);
    ASSERT_TRUE(done) << done.error().message;
    expect_plausible(done->usage, R"("go on")");
    EXPECT_EQ(done->usage.bytes_out, done->result.size());
}

TEST(Usage, OfACallThatAsksForNothing) {
    auto loaded = load_script("function handler() { return 1; }");
    const auto done = loaded.handle_event("main", "null", WallClockMonitor(60s));
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->usage.host_cpu_time, 0ns);
}

TEST(Usage, OfACallThatThrows) {
    auto loaded = load_script(kHandler);
    const auto failed = loaded.handle_event("main", R"("throw")", std::tuple<>{}, kCountPages);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, ErrorCode::handler_error);
    expect_plausible(failed.error().usage, R"("throw")");
    // Besides the message and the stack, what else is known of what was thrown.
    EXPECT_GE(failed.error().usage.bytes_out, failed.error().message.size() + failed.error().stack.size());
    EXPECT_LE(failed.error().usage.bytes_out, 1000u);
}

TEST(Usage, OfACallThatAMonitorEnds) {
    auto loaded = load_script(kHandler);
    const auto ended =
        loaded.handle_event("main", R"("loop")", std::tuple{CpuTimeMonitor(50ms), WallClockMonitor(60s)}, kCountPages);
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().terminated_by, "cpu-time");
    expect_plausible(ended.error().usage, R"("loop")");
    EXPECT_EQ(ended.error().usage.bytes_out, 0U);
    // The limit counts what the host computed for the handler as well.
    EXPECT_GE(ended.error().usage.cpu_time + ended.error().usage.host_cpu_time, 50ms);
}

TEST(Usage, OfACallThatIsKilled) {
    std::optional<InterruptHandle> handle;
    auto proto = SandboxBuilder().with_print([&](PrintLevel, std::string_view) { handle->kill(); }).build();
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(sandbox->add_handler("main", Script::from_content(kHandler)));
    auto loaded = std::move(*sandbox).load();
    handle = loaded->interrupt_handle();
    const auto ended = loaded->handle_event("main", R"("loop")", std::tuple<>{}, kCountPages);
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().terminated_by, "kill");
    expect_plausible(ended.error().usage, R"("loop")");
}

TEST(Usage, OfALoadThatFails) {
    for (const char* end : {"throw new Error('no')", "for (;;);"}) {
        auto sandbox = start_sandbox();
        const std::string source =
            std::string("const kept = new Uint8Array(2 << 20).fill(1); print('printed'); ") + end;
        ASSERT_TRUE(sandbox.add_handler("main", Script::from_content(source, "top.js")));
        const auto failed = std::move(sandbox).load(std::tuple{CpuTimeMonitor(50ms), WallClockMonitor(60s)});
        ASSERT_FALSE(failed);
        const Usage& usage = failed.error().usage;
        EXPECT_GT(usage.wall_time, 0ns);
        EXPECT_GT(usage.cpu_time, 0ns);
        EXPECT_GT(usage.peak_heap, 2U << 20);
        EXPECT_LE(usage.peak_heap, kHeap);
        EXPECT_EQ(usage.bytes_in,
                  source.size() + std::string_view("main").size() + 1 + std::string_view("top.js").size());
        EXPECT_EQ(usage.bytes_printed, SandboxBuilder::kLeastBytesPrinted);
    }
}

TEST(Usage, OfACallThatDidNotRunIsNothing) {
    auto loaded = load_script(kHandler);
    ASSERT_TRUE(loaded.handle_event("main", "0"));
    EXPECT_EQ(loaded.handle_event("none", "0").error().usage, Usage());
    EXPECT_EQ(loaded.handle_event("main", "\xff").error().usage, Usage());
    const auto late = loaded.handle_event("main", "0", DeadlineMonitor(std::chrono::steady_clock::now() - 1s));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().usage.peak_heap, 0U) << "the peak of the call before is not this one's";
    EXPECT_EQ(late.error().usage.bytes_in, 0U);
    ASSERT_FALSE(loaded.handle_event("main", R"("loop")", CpuTimeMonitor(1ms)));
    EXPECT_EQ(loaded.handle_event("main", "0").error().usage, Usage()) << "poisoned";
}

TEST(Usage, PagesAreCountedOnlyOnRequest) {
    auto loaded = load_script(kHandler);
    EXPECT_EQ(loaded.handle_event("main", "0")->usage.pages_dirtied, 0U);
    const auto saved = loaded.snapshot();
    ASSERT_TRUE(saved);
    auto fresh = LoadedSandbox::from_snapshot(*saved);
    const std::uint64_t large = fresh->handle_event("main", "0", std::tuple<>{}, kCountPages)->usage.pages_dirtied;
    EXPECT_GT(large, (2U << 20) / 4096);
}

}  // namespace
}  // namespace curfew
