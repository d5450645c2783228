// The guest in a cell, where a script alone cannot show it: large bodies, memory, random state, snapshots,
// the protocol.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <set>
#include <thread>

#include "guest/guest_session.h"
#include "guest/script_case.h"

namespace curfew::guest::testing {
namespace {

using ::testing::HasSubstr;
using wire::MessageKind;

constexpr char kEcho[] = "function handler(event) { return event; }";

// A session that has booted.
GuestSession booted(cell::MemorySizes sizes = kSessionSizes) {
    GuestSession session(sizes);
    EXPECT_EQ(session.boot().kind, MessageKind::ready);
    return session;
}

void expect_done(const Answer& answer, std::string_view result = "") {
    EXPECT_EQ(answer.kind, MessageKind::done) << answer.name << '\n' << answer.payload;
    EXPECT_EQ(answer.payload, result);
}

TEST(Guest, BootsAndReportsItsHeap) {
    GuestSession session;
    const Answer answer = session.boot();
    EXPECT_EQ(answer.kind, MessageKind::ready);
    EXPECT_GT(answer.heap.used, 0u);
    EXPECT_GE(answer.heap.peak, answer.heap.used);
    EXPECT_GE(answer.heap.extent, answer.heap.used);
    EXPECT_LT(answer.heap.extent, 256u << 10) << "a guest that has just started takes too much memory";
}

TEST(Guest, RefusesAHeapThatIsTooSmall) {
    GuestSession session({.heap = wire::kMinHeapSize - wire::kPageSize, .stack = kSessionSizes.stack});
    const Answer answer = session.boot();
    EXPECT_EQ(answer.kind, MessageKind::abort);
    EXPECT_THAT(answer.payload, HasSubstr("a heap of 520192 bytes is too small: it takes 524288"));
}

TEST(Guest, StartsOnTheSmallestHeapAndStack) {
    GuestSession session = booted({.heap = wire::kMinHeapSize, .stack = 128 << 10});
    expect_done(session.load("echo", kEcho));
    expect_done(session.call("echo", R"({"a":[1,2,3]})"), R"({"a":[1,2,3]})");
}

TEST(Guest, DiesOfAMessageThatItDoesNotExpect) {
    GuestSession session = booted();
    const Answer answer = session.request(MessageKind::boot, 0, {}, {});
    EXPECT_EQ(answer.kind, MessageKind::abort);
    EXPECT_THAT(answer.payload, HasSubstr("does not know"));
}

TEST(Guest, KeepsSeveralHandlersApart) {
    GuestSession session = booted();
    expect_done(session.load("one", "let n = 1; function handler() { return 'one ' + n++; }", "same.js"));
    expect_done(session.load("two/😊", "let n = 10; function handler() { return 'two ' + n++; }", "same.js"));
    expect_done(session.call("one", "null"), R"("one 1")");
    expect_done(session.call("two/😊", "null"), R"("two 10")");
    expect_done(session.call("one", "null"), R"("one 2")");
    const Answer unknown = session.call("three", "null");
    EXPECT_EQ(unknown.kind, MessageKind::failed);
    EXPECT_EQ(unknown.name, "there is no handler \"three\"");
}

TEST(Guest, StaysUsableAfterAScriptThatDoesNotLoad) {
    GuestSession session = booted();
    expect_done(session.load("echo", kEcho));
    EXPECT_EQ(session.load("broken", "function handler( {").kind, MessageKind::failed);
    EXPECT_EQ(session.load("throws", "throw new Error('no')").kind, MessageKind::failed);
    expect_done(session.call("echo", "1"), "1");
    EXPECT_EQ(session.call("throws", "1").kind, MessageKind::failed);
}

// Bodies around the window's size, where the number of chunks changes.
TEST(Guest, PassesBodiesOfAnySize) {
    GuestSession session = booted();
    expect_done(session.load("echo", kEcho));
    constexpr std::size_t kQuotes = 2;
    const std::size_t name = std::string_view("echo").size();
    for (const std::size_t body : {wire::kWindowSize - 1, wire::kWindowSize, wire::kWindowSize + 1,
                                   2 * wire::kWindowSize, 3 * wire::kWindowSize + 17}) {
        for (const std::size_t counted : {body, body - name}) {
            const std::string event = '"' + std::string(counted - kQuotes, 'x') + '"';
            expect_done(session.call("echo", event), event);
        }
    }
}

TEST(Guest, PassesLargeScriptsAndNames) {
    GuestSession session = booted();
    const std::string name(3 * wire::kWindowSize, 'n');
    const std::string source =
        "const text = \"" + std::string(2 * wire::kWindowSize, 't') + "\";\nfunction handler() { return text.length; }";
    expect_done(session.load(name, source, std::string(1000, 'f')));
    expect_done(session.call(name, "null"), std::to_string(2 * wire::kWindowSize));
}

TEST(Guest, PrintsTextOfAnySize) {
    GuestSession session = booted();
    expect_done(session.load("print", "function handler(n) { print('é'.repeat(n)); return n; }"));
    const Answer answer = session.call("print", "100000");
    expect_done(answer, "100000");
    ASSERT_EQ(answer.printed.size(), 1u);
    EXPECT_EQ(answer.printed[0].text.size(), 200'000u);
}

TEST(Guest, TakesAnEventThatFillsMostOfTheHeap) {
    GuestSession session = booted({.heap = 128 << 20, .stack = kSessionSizes.stack});
    // While the handler runs, the event is there only once, as a value.
    expect_done(session.load("length", "function handler(e) { return e.length + 0 * new Uint8Array(40e6).length; }"));
    const std::size_t size = 48 << 20;
    expect_done(session.call("length", '"' + std::string(size, 'x') + '"'), std::to_string(size));
}

TEST(Guest, RefusesABodyThatTheHeapCannotHold) {
    GuestSession session = booted();
    expect_done(session.load("echo", kEcho));
    const Answer answer = session.call("echo", '"' + std::string(20 << 20, 'x') + '"');
    EXPECT_EQ(answer.kind, MessageKind::refused);
    expect_done(session.call("echo", "1"), "1");
    const Answer load = session.load("other", kEcho + std::string(20 << 20, ' '));
    EXPECT_EQ(load.kind, MessageKind::refused);
    expect_done(session.call("echo", "2"), "2");
}

TEST(Guest, SaysSoWhenTheHostRefusesAResult) {
    GuestSession session = booted();
    expect_done(session.load("long", "function handler(n) { return 'x'.repeat(n); }"));
    const Answer answer = session.request(MessageKind::call, 0, "long", "1000000", 500'000);
    EXPECT_EQ(answer.kind, MessageKind::failed);
    EXPECT_EQ(answer.name, "the handler's result has 1000002 bytes, which is more than the host takes");
    expect_done(session.call("long", "1"), R"("x")");
}

TEST(Guest, GoesOnWhenTheHostRefusesPrintsAndErrors) {
    GuestSession session = booted();
    expect_done(session.load("print", "function handler(n) { print('x'.repeat(n)); return n; }"));
    expect_done(session.request(MessageKind::call, 0, "print", "1000000", 500'000), "1000000");
    expect_done(session.load("fail", "function handler(n) { throw new Error('x'.repeat(n)); }"));
    const Answer answer = session.request(MessageKind::call, 0, "fail", "1000000", 500'000);
    EXPECT_EQ(answer.kind, MessageKind::failed);
    EXPECT_EQ(answer.name, "");
    expect_done(session.call("print", "1"), "1");
}

TEST(Guest, HoldsItsMemorySteadyOverManyCalls) {
    GuestSession session = booted();
    expect_done(session.load("work", R"(
        async function handler(event) {
            const cycle = {};
            cycle.self = cycle;
            Promise.reject(new Error("unseen")).catch(() => {});
            await null;
            return [...event.list].sort().map((x) => ({ x, text: "t" + x }));
        })"));
    const auto call = [&](std::uint32_t flags) { return session.call("work", R"({"list":[3,1,2]})", flags).heap.used; };
    for (int i = 0; i < 10; ++i) call(wire::kCollectGarbage);
    const std::uint64_t before = call(wire::kCollectGarbage);
    for (int i = 0; i < 1000; ++i) call(0);
    EXPECT_GT(call(0), before) << "without collection, cycles stay";
    EXPECT_EQ(call(wire::kCollectGarbage), before);
}

TEST(Guest, ReportsThePeakOfEachCallByItself) {
    GuestSession session = booted();
    expect_done(session.load("use", "function handler(n) { return new Uint8Array(n).length; }"));
    const Answer large = session.call("use", "4000000");
    EXPECT_GT(large.heap.peak, 4'000'000u);
    EXPECT_LT(large.heap.used, 1'000'000u);
    EXPECT_LT(session.call("use", "10").heap.peak, 1'000'000u);
}

TEST(Guest, ReportsItsHeapWhenItPassesTheLimit) {
    GuestSession session = booted();
    expect_done(session.load("use", "function handler(n) { return 'x'.repeat(n).length; }"));
    session.set_heap_limit(1'000'000, 1'000'000'000);
    EXPECT_THAT(session.call("use", "500000").heap_reports, ::testing::IsEmpty());
    for (int i = 0; i < 3; ++i) {
        const Answer answer = session.call("use", "4000000");
        expect_done(answer, "4000000");
        ASSERT_EQ(answer.heap_reports.size(), 1u);
        EXPECT_GT(answer.heap_reports[0].used, 4'000'000u);
        EXPECT_EQ(answer.heap_reports[0].peak, answer.heap_reports[0].used);
        EXPECT_GE(answer.heap_reports[0].extent, answer.heap_reports[0].used);
    }
    session.set_heap_limit(1000, 1'000'000'000);
    EXPECT_EQ(session.call("use", "0").heap_reports.size(), 1u) << "at once, if it is larger already";
    session.set_heap_limit(0, 0);
    EXPECT_THAT(session.call("use", "4000000").heap_reports, ::testing::IsEmpty());
}

TEST(Guest, ShowsItsPeakWhileItRuns) {
    GuestSession session = booted();
    expect_done(session.load("loop", "function handler(n) { const kept = 'x'.repeat(n); for (;;); }"));
    std::jthread watcher([&] {
        const std::atomic_ref peak(session.cell().mailbox().heap.peak);
        while (peak.load(std::memory_order_relaxed) < 4'000'000) std::this_thread::yield();
        session.cell().interrupt();
    });
    session.cell().mailbox().message = {.kind = static_cast<std::uint16_t>(MessageKind::call),
                                        .flags = 0,
                                        .request = 0,
                                        .value = 0,
                                        .chunk = 11,
                                        .name_length = 4,
                                        .length = 11};
    std::memcpy(session.cell().window().data(), "loop4000000", 11);
    EXPECT_EQ(session.cell().resume(), cell::Stop::interrupted);
}

// A report may come between the chunks of an event, while a result is made, before anything else of a request.
TEST(Guest, ReportsDisturbNoMessage) {
    GuestSession session = booted();
    session.set_heap_limit(1, 4096);
    expect_done(session.load("both", "function handler(event) { print(event); return [event, event.length]; }"));
    for (const std::size_t size : {std::size_t{100}, wire::kWindowSize - 20, 3 * wire::kWindowSize + 17}) {
        std::string text(size, ' ');
        for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * 7 % 26);
        const Answer answer = session.call("both", '"' + text + '"');
        EXPECT_TRUE(answer.done()) << answer.name;
        EXPECT_TRUE(answer.payload == "[\"" + text + "\"," + std::to_string(size) + "]") << size;
        ASSERT_EQ(answer.printed.size(), 1u);
        EXPECT_TRUE(answer.printed[0].text == text) << size;
        EXPECT_GT(answer.heap_reports.size(), 0u);
    }
}

std::string random_number(GuestSession& session, std::uint32_t flags) {
    return session.call("random", "null", flags).payload;
}

TEST(Guest, TakesItsRandomStateFromTheHost) {
    constexpr char kRandom[] = "function handler() { return Math.random(); }";
    GuestSession one = booted();
    GuestSession two = booted();
    expect_done(one.load("random", kRandom));
    expect_done(two.load("random", kRandom));
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const std::string number = random_number(one, 0);
        EXPECT_EQ(number, random_number(two, 0)) << "the same seed gives the same numbers";
        seen.insert(number);
    }
    EXPECT_EQ(seen.size(), 100u);
    two.set_seed(2);
    EXPECT_FALSE(seen.contains(random_number(two, wire::kReseed)));
    one.set_seed(1);
    EXPECT_TRUE(seen.contains(random_number(one, wire::kReseed))) << "a seed starts its numbers from the first one";
}

TEST(Guest, GoesOnFromASnapshot) {
    GuestSession session = booted();
    expect_done(session.load("count", "let n = 0; function handler() { return ++n; }"));
    expect_done(session.call("count", "null"), "1");
    const auto image = session.cell().snapshot();
    ASSERT_TRUE(image) << image.error().message;
    expect_done(session.call("count", "null"), "2");
    for (int i = 0; i < 3; ++i) {
        GuestSession copy(*image);
        expect_done(copy.call("count", "null"), "2");
        expect_done(copy.call("count", "null"), "3");
        ASSERT_TRUE(copy.cell().reset());
        expect_done(copy.call("count", "null"), "2");
        expect_done(copy.load("echo", kEcho));
        expect_done(copy.call("echo", R"("é")"), R"("é")");
    }
}

// Whatever the stack's size, what recurses gets an exception and the guest stays well: native code at the
// limit has enough stack left.
TEST(Guest, SurvivesDeepRecursionOnAnyStack) {
    for (const char* name : {"deep_recursion.js", "deep_structures.js", "deep_source.js"}) {
        const ScriptCase test = read_script_case(std::filesystem::path(CURFEW_GUEST_SCRIPTS) / name);
        for (const std::uint64_t stack : {160 << 10, 256 << 10, 512 << 10, 8 << 20}) {
            SCOPED_TRACE(std::string(name) + " with a stack of " + std::to_string(stack));
            GuestSession session = booted({.heap = 128 << 20, .stack = stack});
            expect_done(session.load("deep", test.source, test.name));
            EXPECT_NE(session.call("deep", "null").kind, MessageKind::none) << session.cell().death().text;
            EXPECT_NE(session.call("deep", "null").kind, MessageKind::none) << session.cell().death().text;
        }
    }
}

TEST(Guest, ReportsDeepEvents) {
    GuestSession session = booted();
    expect_done(session.load("echo", kEcho));
    const Answer answer = session.call("echo", std::string(100'000, '[') + std::string(100'000, ']'));
    EXPECT_EQ(answer.kind, MessageKind::failed);
    EXPECT_EQ(answer.flags & ~wire::kDescribed, wire::kBadEvent) << "it is JSON, but there is not enough stack for it";
    EXPECT_THAT(answer.name, HasSubstr("the event cannot become a value: RangeError"));
    expect_done(session.call("echo", "1"), "1");
}

// Memory runs out at every possible place in turn, and the guest always says so or goes on.
TEST(Guest, SurvivesRunningOutOfMemoryAnywhere) {
    GuestSession session = booted({.heap = 1 << 20, .stack = kSessionSizes.stack});
    expect_done(session.load("fill", R"(
        async function handler(leave) {
            let kept = null;
            for (let round = 0; round < 20; ++round) {
                try {
                    for (;;) kept = { kept, text: "text " + round };
                } catch {}
            }
            for (let i = 0; i < leave * 20; ++i) kept = kept.kept;
            const map = new Map([[1, { a: [1, 2, 3] }]]);
            const text = JSON.stringify([...map, "x".repeat(100), /a(b)c/.exec("abc"), new Date(0), 10n ** 30n + ""]);
            console.log("got through", map, new Error("e"));
            await Promise.resolve(text).then((t) => t + t);
            return text.length;
        })"));
    int failed = 0;
    for (int leave = 0; leave < 40; ++leave) {
        const Answer answer = session.call("fill", std::to_string(leave), wire::kCollectGarbage);
        ASSERT_NE(answer.kind, MessageKind::none) << "leaving " << leave << ": " << answer.payload;
        if (answer.kind != MessageKind::failed) continue;
        EXPECT_EQ(answer.flags, wire::kOutOfMemory) << "leaving " << leave << ": " << answer.name;
        ++failed;
    }
    EXPECT_GT(failed, 0);
    EXPECT_LT(failed, 40);
}

}  // namespace
}  // namespace curfew::guest::testing
