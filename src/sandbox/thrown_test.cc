// Exceptions in the host's side of an invocation: a sandbox never gives an answer that is another request's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <curfew/monitor.h>
#include <curfew/sandbox.h>
#include <curfew/sandbox_pool.h>

#include "sandbox/testing/load.h"

namespace curfew {
namespace {

constexpr const char* kPrints =
    "console.log('loading'); function handler(e) { console.log(e); return ['the answer for', e]; }";

struct Thrown : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// A runtime whose print function throws while `throws` is true.
Result<Sandbox> runtime(const bool& throws) {
    auto proto = SandboxBuilder()
                     .with_print([&throws](PrintLevel, std::string_view) {
                         if (throws) throw Thrown("no room in the log");
                     })
                     .build();
    auto sandbox = std::move(*proto).load_runtime();
    if (sandbox) {
        EXPECT_TRUE(sandbox->add_handler("main", Script::from_content(kPrints, "test.js")));
    }
    return sandbox;
}

// Whether the limit is there does not matter, but takes other ways through the code.
template <typename... Monitors>
void answer_only_their_own(const Monitors&... monitors) {
    bool throws = false;
    auto sandbox = runtime(throws);
    ASSERT_TRUE(sandbox) << sandbox.error().message;
    auto loaded = std::move(*sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    const auto saved = loaded->snapshot();
    ASSERT_TRUE(saved) << saved.error().message;

    throws = true;
    EXPECT_THROW((void)loaded->handle_event("main", R"("A")", monitors...), Thrown);
    throws = false;
    EXPECT_TRUE(loaded->poisoned());
    const auto refused = loaded->handle_event("main", R"("B")", monitors...);
    ASSERT_FALSE(refused) << refused->result;
    EXPECT_EQ(refused.error().code, ErrorCode::poisoned) << refused.error().message;
    EXPECT_EQ(loaded->snapshot().error().code, ErrorCode::poisoned);
    ASSERT_TRUE(loaded->restore(*saved));
    const auto done = loaded->handle_event("main", R"("B")", monitors...);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->result, R"(["the answer for","B"])");
}

TEST(WhatThePrintFunctionThrows, PoisonsTheSandbox) { answer_only_their_own(); }

TEST(WhatThePrintFunctionThrows, PoisonsTheSandboxUnderLimits) {
    answer_only_their_own(
        std::tuple{WallClockMonitor(std::chrono::minutes(1)), CpuTimeMonitor(std::chrono::minutes(1))});
}

TEST(WhatThePrintFunctionThrows, LeavesARuntimeThatLoadsAgain) {
    bool throws = true;
    auto sandbox = runtime(throws);
    ASSERT_TRUE(sandbox) << sandbox.error().message;
    EXPECT_THROW((void)std::move(*sandbox).load(), Thrown);
    throws = false;
    auto loaded = std::move(*sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->handlers(), std::vector<std::string>{"main"});
    const auto done = loaded->handle_event("main", "1");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->result, R"(["the answer for",1])");
}

TEST(WhatThePrintFunctionThrows, LeavesItsPoolWhole) {
    bool throws = false;
    auto sandbox = runtime(throws);
    ASSERT_TRUE(sandbox) << sandbox.error().message;
    auto loaded = std::move(*sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    const auto saved = loaded->snapshot();
    ASSERT_TRUE(saved) << saved.error().message;
    auto pool = SandboxPool::create(*saved, {.size = 1, .restore = RestorePolicy::never});
    ASSERT_TRUE(pool) << pool.error().message;
    throws = true;
    EXPECT_THROW((void)pool->handle_event("main", R"("A")"), Thrown);
    throws = false;
    const auto done = pool->handle_event("main", R"("B")");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->result, R"(["the answer for","B"])");
}

}  // namespace
}  // namespace curfew
