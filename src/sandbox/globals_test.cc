// What handlers find inside that depends on the host or on snapshots: random numbers, the clock, built-in modules.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include <curfew/sandbox.h>

#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using sandbox::testing::load_script;

std::string result_of(LoadedSandbox& sandbox, std::string_view event = "null") {
    const auto done = sandbox.handle_event("main", event);
    EXPECT_TRUE(done) << done.error().message;
    return done ? done->result : "";
}

class Randomness : public ::testing::TestWithParam<const char*> {};

// Random numbers come before and after the snapshot, so that one is taken with numbers in store.
TEST_P(Randomness, IsNewAfterEveryRestoreAndInEverySandboxOfASnapshot) {
    auto loaded =
        load_script(std::string("const random = () => ") + GetParam() +
                    ";\nconst first = random();\nfunction handler() { return first === random() || random(); }");
    std::set<std::string> seen = {result_of(loaded)};
    const auto saved = loaded.snapshot();
    ASSERT_TRUE(saved) << saved.error().message;
    for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(seen.insert(result_of(loaded)).second) << "in the same sandbox";
        EXPECT_TRUE(seen.insert(result_of(loaded)).second) << "in the same sandbox";
        ASSERT_TRUE(loaded.restore(*saved));
        EXPECT_TRUE(seen.insert(result_of(loaded)).second) << "after a restore";
        auto other = LoadedSandbox::from_snapshot(*saved);
        ASSERT_TRUE(other) << other.error().message;
        EXPECT_TRUE(seen.insert(result_of(*other)).second) << "in a sandbox of the snapshot";
    }
    auto another = load_script(std::string("function handler() { return ") + GetParam() + "; }");
    EXPECT_TRUE(seen.insert(result_of(another)).second) << "in another sandbox";
    EXPECT_FALSE(seen.contains("true"));
}

INSTANTIATE_TEST_SUITE_P(Globals, Randomness,
                         ::testing::Values("Math.random()", "crypto.randomUUID()",
                                           "crypto.getRandomValues(new Uint8Array(16)).toHex()"),
                         [](const auto& test) {
                             const std::string code = test.param;
                             return code.starts_with("Math")                 ? "MathRandom"
                                    : code.find("UUID") != std::string::npos ? "RandomUuid"
                                                                             : "GetRandomValues";
                         });

// Milliseconds.
double time_of(LoadedSandbox& sandbox) { return std::stod(result_of(sandbox)); }

TEST(Globals, ThePerformanceClockStartsWithTheSandboxAndNeverGoesBack) {
    constexpr double kMuch = 60e3;  // milliseconds; the machine's clock, or this process's first sandbox, may be older
    auto loaded = load_script("const start = performance.now();\nfunction handler() { return performance.now(); }");
    const double first = time_of(loaded);
    EXPECT_GE(first, 0);
    EXPECT_LT(first, kMuch);
    const auto saved = loaded.snapshot();
    ASSERT_TRUE(saved) << saved.error().message;
    EXPECT_GT(time_of(loaded), first);
    ASSERT_TRUE(loaded.restore(*saved));
    const double restored = time_of(loaded);
    EXPECT_GE(restored, first) << "what the script noted before the snapshot would lie in the future";
    EXPECT_LT(restored, first + kMuch);
    auto other = LoadedSandbox::from_snapshot(*saved);
    ASSERT_TRUE(other) << other.error().message;
    EXPECT_GE(time_of(*other), first);
}

TEST(Globals, WhatAHandlerReplacedIsBackAfterARestore) {
    auto loaded = load_script(R"(
        function handler(poison) {
            if (poison) {
                globalThis.crypto = globalThis.setTimeout = globalThis.structuredClone = null;
                TextDecoder.prototype.decode = String.bytesFrom = Array.prototype.push = () => "poisoned";
            }
            return [typeof setTimeout, typeof crypto.createHmac, String.bytesFrom([97]), [].push(1),
                new TextDecoder().decode(new Uint8Array([97])), structuredClone([1])];
        })");
    const auto saved = loaded.snapshot();
    ASSERT_TRUE(saved);
    constexpr char kClean[] = R"(["function","function","a",1,"a",[1]])";
    EXPECT_EQ(result_of(loaded), kClean);
    EXPECT_FALSE(loaded.handle_event("main", "true")) << "the handler replaced nothing";
    ASSERT_TRUE(loaded.restore(*saved));
    EXPECT_EQ(result_of(loaded), kClean);
}

TEST(Globals, HashesGoOnFromASnapshot) {
    auto loaded = load_script(R"(
        const hmac = crypto.createHmac("sha256", "key").update("The quick brown fox ");
        function handler() { return hmac.update("jumps over the lazy dog").digest("hex"); })");
    const auto saved = loaded.snapshot();
    ASSERT_TRUE(saved);
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(result_of(loaded), R"("f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8")");
        ASSERT_TRUE(loaded.restore(*saved));
    }
}

}  // namespace
}  // namespace curfew
