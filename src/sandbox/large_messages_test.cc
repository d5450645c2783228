// What is much larger than the mailbox passes all the same, as long as the heap holds it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <curfew/curfew.h>

#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using sandbox::testing::load_script;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr std::size_t kLarge = 64 << 20;
constexpr std::uint64_t kLargeHeap = 512 << 20;
constexpr std::uint64_t kSmallHeap = 96 << 20;

std::string large_event() {
    std::string event = "\"" + std::string(kLarge - 2, 'x') + "\"";
    event[kLarge / 2] = 'y';
    return event;
}

TEST(LargeMessages, EventsAndResultsOf64MebibytesPass) {
    auto loaded = load_script("function handler(event) { return event; }", "test.js", kLargeHeap);
    const std::string event = large_event();
    const auto done = loaded.handle_event("main", event);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_TRUE(done->result == event);
    EXPECT_GE(done->usage.bytes_in, kLarge);
    EXPECT_GE(done->usage.bytes_out, kLarge);
}

TEST(LargeMessages, AnEventThatTheHeapCannotHoldIsRefusedAndTheSandboxGoesOn) {
    auto loaded = load_script("function handler(event) { return event.length; }", "test.js", 32 << 20);
    const auto refused = loaded.handle_event("main", large_event());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(refused.error().message, HasSubstr("heap"));
    EXPECT_FALSE(loaded.poisoned());
    EXPECT_EQ(loaded.handle_event("main", "\"abc\"")->result, "3");
}

TEST(LargeMessages, AResultThatTheHeapCannotHoldIsAnErrorAndTheSandboxGoesOn) {
    auto loaded = load_script("function handler(size) { return 'x'.repeat(size); }", "test.js", kSmallHeap);
    const auto before = loaded.snapshot();
    ASSERT_TRUE(before) << before.error().message;
    const auto refused = loaded.handle_event("main", std::to_string(kLarge));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::out_of_memory);
    EXPECT_THAT(refused.error().message, HasSubstr("memory"));
    EXPECT_FALSE(loaded.poisoned());
    auto next = loaded.handle_event("main", "3");
    if (!next && sandbox::testing::tests_node()) {
        // V8 may have been in the middle of its own work, from where only a restore leads on.
        EXPECT_EQ(next.error().code, ErrorCode::guest_abort) << next.error().message;
        ASSERT_TRUE(loaded.restore(*before));
        next = loaded.handle_event("main", "3");
    }
    ASSERT_TRUE(next) << next.error().message;
    EXPECT_EQ(next->result, "\"xxx\"");
}

TEST(LargeMessages, BytesOf64MebibytesPassToTheHostAndBack) {
    auto proto = SandboxBuilder().with_heap_size(kLargeHeap).with_host_argument_limit(kLarge + 8).build();
    ASSERT_TRUE(proto);
    proto->host_module("m").add("flip", [](std::span<const std::byte> bytes) {
        std::vector<std::byte> flipped(bytes.begin(), bytes.end());
        for (std::byte& byte : flipped) byte = ~byte;
        return flipped;
    });
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(sandbox);
    ASSERT_TRUE(sandbox->add_handler("main", Script::from_content(R"(
        import { flip } from "m";
        export function handler(size) {
            const bytes = new Uint8Array(size).fill(1);
            bytes[size - 1] = 2;
            const flipped = flip(bytes);
            return [flipped.length, flipped[0], flipped[size >> 1], flipped[size - 1]];
        })")));
    auto loaded = std::move(*sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    const auto done = loaded->handle_event("main", std::to_string(kLarge));
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->result, "[67108864,254,254,253]");
}

// What calls have left is collected when there is no room for the next event, though nobody asked for that after them.
TEST(LargeMessages, PassOneAfterTheOtherWithoutCollections) {
    auto loaded = load_script("function handler(event) { return event.length; }", "test.js", 64 << 20);
    std::string event = "[0";
    while (event.size() < 1 << 20) event += ",[1,{\"a\":\"some text\"}]";
    event += ']';
    std::string first;
    for (int call = 0; call < 100; ++call) {
        const auto done = loaded.handle_event("main", event, std::tuple<>{}, {.collect_garbage = false});
        ASSERT_TRUE(done) << "call " << call << ": " << done.error().message;
        if (call == 0) first = done->result;
        ASSERT_EQ(done->result, first);
    }
}

// The caller's fault, and not the handler's: so the error says that it is about the event, and that nothing was run.
TEST(LargeMessages, AnEventThatCannotBecomeAValueIsToldAsThat) {
    auto loaded = load_script("let n = 0; function handler() { return ++n; }", "test.js", 4 << 20);
    std::string many = "[0";
    for (int i = 0; i < 400'000; ++i) many += ",{}";
    const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
    for (const auto& [event, why] : {std::pair{many + "]", "out of memory"}, std::pair{deep, "RangeError"}}) {
        const auto refused = loaded.handle_event("main", event);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
        EXPECT_FALSE(refused.error().ran);
        EXPECT_THAT(refused.error().message, AllOf(HasSubstr("the event cannot become a value"), HasSubstr(why)));
    }
    EXPECT_EQ(loaded.handle_event("main", "0")->result, "1");
}

}  // namespace
}  // namespace curfew
