// Two sandboxes share nothing: neither globals, built-ins and module state, nor output. What one cell cannot
// reach of the machine is tested with the cells.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <tuple>
#include <utility>

#include <curfew/monitor.h>
#include <curfew/sandbox.h>

#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using sandbox::testing::load_script;

// Leaves traces in everything that handlers of one sandbox share, or looks for them.
constexpr const char* kSource = R"(
    let state = 'fresh';
    const shared = new Uint8Array(64);
    export function handler(event) {
        if (event === 'leave') {
            state = 'used';
            shared.fill(7);
            globalThis.left = 'here';
            Array.prototype.push = () => 'poisoned';
            Object.prototype.inherited = 'everywhere';
            JSON.parse = () => 'hijacked';
            return 'left';
        }
        return { state, sum: shared.reduce((a, b) => a + b), left: typeof globalThis.left, pushed: [].push(1),
                 inherited: {}.inherited ?? 'none', parsed: JSON.parse('1') };
    })";
constexpr const char* kClean =
    R"({"state":"fresh","sum":0,"left":"undefined","pushed":1,"inherited":"none","parsed":1})";

std::string call(LoadedSandbox& sandbox, const char* event) {
    const auto done = sandbox.handle_event("main", event);
    return done ? done->result : done.error().message;
}

std::string look(LoadedSandbox& sandbox) { return call(sandbox, R"("look")"); }

void leave_traces(LoadedSandbox& sandbox) {
    const auto done = sandbox.handle_event("main", R"("leave")");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_NE(look(sandbox), kClean);  // there is something to be found
}

LoadedSandbox load(const SandboxBuilder& builder, const char* source) {
    auto sandbox = std::move(*builder.build()).load_runtime();
    EXPECT_TRUE(sandbox) << sandbox.error().message;
    EXPECT_TRUE(sandbox->add_handler("main", Script::from_content(source)));
    auto loaded = std::move(*sandbox).load();
    EXPECT_TRUE(loaded) << loaded.error().message;
    return std::move(*loaded);
}

TEST(IsolationBetween, SandboxesDoNotSeeEachOthersState) {
    auto first = load_script(kSource), second = load_script(kSource);
    EXPECT_EQ(look(second), kClean);
    leave_traces(first);
    EXPECT_EQ(look(second), kClean);
    auto later = load_script(kSource);
    EXPECT_EQ(look(later), kClean);
}

TEST(IsolationBetween, SandboxesOfOneSnapshotDoNotSeeEachOthersState) {
    auto first = load_script(kSource);
    const auto saved = first.snapshot();
    ASSERT_TRUE(saved);
    auto second = LoadedSandbox::from_snapshot(*saved), third = LoadedSandbox::from_snapshot(*saved);
    ASSERT_TRUE(second && third);
    leave_traces(*second);
    EXPECT_EQ(look(first), kClean);
    EXPECT_EQ(look(*third), kClean);
    auto later = LoadedSandbox::from_snapshot(*saved);
    ASSERT_TRUE(later);
    EXPECT_EQ(look(*later), kClean);
    ASSERT_TRUE(second->restore(*saved));
    EXPECT_EQ(look(*second), kClean);
}

TEST(IsolationBetween, OutputGoesToTheSandboxesOwnHost) {
    constexpr const char* kPrints = "function handler(event) { console.log(event); return 0; }";
    std::string first_output, second_output;
    auto first =
        load(SandboxBuilder().with_print([&](PrintLevel, std::string_view text) { first_output += text; }), kPrints);
    auto second =
        load(SandboxBuilder().with_print([&](PrintLevel, std::string_view text) { second_output += text; }), kPrints);
    ASSERT_TRUE(first.handle_event("main", R"("to the first")"));
    ASSERT_TRUE(second.handle_event("main", R"("to the second")"));
    ASSERT_TRUE(first.handle_event("main", R"("again")"));
    EXPECT_EQ(first_output, "to the first\nagain\n");
    EXPECT_EQ(second_output, "to the second\n");
}

TEST(IsolationBetween, OneThatWasCutShortLeavesTheOtherAlone) {
    auto first = load_script("function handler(event) { while (event) {} return 'fine'; }");
    auto second = load_script("function handler(event) { while (event) {} return 'fine'; }");
    ASSERT_FALSE(first.handle_event("main", "1", WallClockMonitor(std::chrono::milliseconds(5))));
    EXPECT_TRUE(first.poisoned());
    EXPECT_FALSE(second.poisoned());
    EXPECT_EQ(call(second, "0"), R"("fine")");
}

// Writes as many pages as it is told to.
constexpr const char* kWriter = R"(
    const block = new Uint8Array(4096 * 200);
    export function handler(pages) { for (let i = 0; i < pages; ++i) block[i * 4096] = 1; return pages; })";

std::uint64_t pages_after(LoadedSandbox sandbox, const char* event) {
    const auto done =
        sandbox.handle_event("main", event, std::tuple{}, {.collect_garbage = false, .count_pages = true});
    EXPECT_TRUE(done) << done.error().message;
    return done ? done->usage.pages_dirtied : 0;
}

// An engine's own work differs by a page or two from one sandbox to the next: V8's hashes have a seed of each one's own.
constexpr double kOwnDifference = 8;

// A page that is there from the start is faster to write than others, so which ones are is no tenant's to say.
TEST(IsolationBetween, WhatOneWritesDoesNotShowInLaterOnesOfItsSnapshot) {
    auto original = load(SandboxBuilder(), kWriter);
    const auto saved = original.snapshot();
    ASSERT_TRUE(saved);
    const auto next = [&] { return std::move(*LoadedSandbox::from_snapshot(*saved)); };
    const std::uint64_t before = pages_after(next(), "0");
    EXPECT_GE(pages_after(next(), "100"), before + 90);
    EXPECT_NEAR(static_cast<double>(pages_after(next(), "0")), static_cast<double>(before), kOwnDifference);
}

TEST(IsolationBetween, WhatOneWritesDoesNotShowInLaterOnesOfItsSize) {
    // A size of its own, so that the runtime starts anew. Its second sandbox is the first with pages of the host's choice.
    const auto builder = SandboxBuilder().with_heap_size(19 << 20);
    const auto fresh = [&] { return load(builder, "export function handler(event) { return event; }"); };
    static_cast<void>(fresh());
    const std::uint64_t before = pages_after(fresh(), "0");
    EXPECT_GE(pages_after(load(builder, kWriter), "200"), before + 150);
    EXPECT_NEAR(static_cast<double>(pages_after(fresh(), "0")), static_cast<double>(before), kOwnDifference);
}

}  // namespace
}  // namespace curfew
