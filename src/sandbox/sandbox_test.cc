// The life of a sandbox through the public interface: states, results, errors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>

#include <curfew/sandbox.h>

#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using namespace std::chrono_literals;
using sandbox::testing::load_script;
using sandbox::testing::start_sandbox;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kCounter = R"(
    let count = 0;
    export function handler(event) { return {count: ++count, event}; }
)";

TEST(Sandbox, RunsAHandlerOnAnEvent) {
    auto loaded = load_script("function handler(event) { event.request.uri = '/redirected.html'; return event; }");
    const auto done = loaded.handle_event("main", R"({"request":{"uri":"/index.html"}})");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->result, R"({"request":{"uri":"/redirected.html"}})");
    EXPECT_GT(done->usage.wall_time, 0ns);
    EXPECT_GT(done->usage.cpu_time, 0ns);
    EXPECT_GT(done->usage.peak_heap, 0U);
    EXPECT_EQ(done->usage.host_calls, 0U);
    EXPECT_GE(done->usage.bytes_in, std::string(R"({"request":{"uri":"/index.html"}})").size());
    EXPECT_EQ(done->usage.bytes_out, done->result.size());
}

TEST(Sandbox, KeepsModuleStateBetweenCallsAndRestoresIt) {
    auto loaded = load_script(kCounter);
    ASSERT_TRUE(loaded.handle_event("main", "1"));
    const auto before = loaded.snapshot();
    ASSERT_TRUE(before) << before.error().message;
    EXPECT_GT(before->size(), 0U);
    for (int round = 0; round < 3; ++round) {
        EXPECT_EQ(loaded.handle_event("main", "2")->result, R"({"count":2,"event":2})");
        EXPECT_EQ(loaded.handle_event("main", "3")->result, R"({"count":3,"event":3})");
        ASSERT_TRUE(loaded.restore(*before));
    }
}

TEST(Sandbox, SnapshotsStartOtherSandboxes) {
    std::optional<Snapshot> saved;
    {
        auto loaded = load_script(kCounter);
        ASSERT_TRUE(loaded.handle_event("main", "1"));
        saved = *loaded.snapshot();
    }
    auto first = LoadedSandbox::from_snapshot(*saved), second = LoadedSandbox::from_snapshot(*saved);
    ASSERT_TRUE(first && second);
    EXPECT_THAT(first->handlers(), ElementsAre("main"));
    EXPECT_EQ(first->handle_event("main", "7")->result, R"({"count":2,"event":7})");
    EXPECT_EQ(second->handle_event("main", "8")->result, R"({"count":2,"event":8})");
}

TEST(Sandbox, RestoresSnapshotsInAnyOrder) {
    auto loaded = load_script(kCounter);
    const auto zero = loaded.snapshot();
    ASSERT_TRUE(loaded.handle_event("main", "1"));
    const auto one = loaded.snapshot();
    ASSERT_TRUE(loaded.restore(*zero));
    EXPECT_EQ(loaded.handle_event("main", "0")->result, R"({"count":1,"event":0})");
    ASSERT_TRUE(loaded.restore(*one));
    EXPECT_EQ(loaded.handle_event("main", "0")->result, R"({"count":2,"event":0})");
    ASSERT_TRUE(loaded.restore(*zero));
    EXPECT_EQ(loaded.handle_event("main", "0")->result, R"({"count":1,"event":0})");
}

TEST(Sandbox, RandomNumbersDifferAfterEveryRestoreAndInEverySandbox) {
    auto loaded = load_script("function handler() { return [Math.random(), Math.random()]; }");
    const auto saved = loaded.snapshot();
    std::set<std::string> seen;
    for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(seen.insert(loaded.handle_event("main", "null")->result).second);
        ASSERT_TRUE(loaded.restore(*saved));
        auto other = LoadedSandbox::from_snapshot(*saved);
        EXPECT_TRUE(seen.insert(other->handle_event("main", "null")->result).second);
    }
}

TEST(Sandbox, UnloadReturnsToTheStateBeforeAnyHandler) {
    auto loaded = load_script("globalThis.left = 1; function handler() { return 1; }");
    auto empty = std::move(loaded).unload();
    ASSERT_TRUE(empty) << empty.error().message;
    ASSERT_TRUE(empty->add_handler("other", Script::from_content("function handler() { return typeof left; }")));
    auto again = std::move(*empty).load();
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->handle_event("other", "null")->result, R"("undefined")");
    EXPECT_EQ(again->handle_event("main", "null").error().code, ErrorCode::invalid_argument);
}

TEST(Sandbox, SeveralHandlersAreLoadedInOrderAndShareGlobals) {
    auto sandbox = start_sandbox();
    ASSERT_TRUE(sandbox.add_handler(
        "a", Script::from_content("globalThis.order = ['a']; function handler() { return order; }")));
    ASSERT_TRUE(sandbox.add_handler("b", Script::from_content("order.push('b'); function handler() { return 'b'; }")));
    auto loaded = std::move(sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->handle_event("a", "null")->result, R"(["a","b"])");
    EXPECT_EQ(loaded->handle_event("b", "null")->result, R"("b")");
}

TEST(Sandbox, HandlerNamesAreChecked) {
    auto sandbox = start_sandbox();
    const Script script = Script::from_content("function handler() { return 1; }");
    EXPECT_EQ(sandbox.add_handler("", script).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(sandbox.add_handler(std::string(256, 'x'), script).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(sandbox.add_handler("bad\xff", script).error().code, ErrorCode::invalid_argument);
    ASSERT_TRUE(sandbox.add_handler("scoped/name/😊", script));
    EXPECT_THAT(sandbox.add_handler("scoped/name/😊", script).error().message, HasSubstr("scoped/name/😊"));
    EXPECT_THAT(sandbox.remove_handler("none").error().message, HasSubstr("none"));
    ASSERT_TRUE(sandbox.add_handler("gone", script));
    ASSERT_TRUE(sandbox.remove_handler("gone"));
    auto loaded = std::move(sandbox).load();
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->handle_event("scoped/name/😊", "null")->result, "1");
    EXPECT_THAT(loaded->handle_event("gone", "null").error().message, HasSubstr("gone"));
}

TEST(Sandbox, FoldersOfScriptsAreChecked) {
    auto sandbox = start_sandbox();
    const Script script = Script::from_content("function handler() { return 1; }");
    for (const char* const folder : {"app", "./app", "../app", "/..", "/a\\b", "/\xff"}) {
        const auto refused = sandbox.add_handler("a", script.with_virtual_base(folder));
        ASSERT_FALSE(refused) << folder;
        EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
        EXPECT_THAT(refused.error().message, AllOf(HasSubstr("with_virtual_base"), HasSubstr("\"a\"")));
    }
    ASSERT_TRUE(sandbox.add_handler("a", script.with_virtual_base("/app/")));
    ASSERT_TRUE(sandbox.add_handler("same", script.with_virtual_base("/lib/../app")));
    const auto other = sandbox.add_handler("b", script.with_virtual_base("/lib"));
    ASSERT_FALSE(other);
    EXPECT_THAT(other.error().message, AllOf(HasSubstr("\"a\""), HasSubstr("\"b\""), HasSubstr("handler.js")));
    EXPECT_FALSE(sandbox.add_handler("b", script));
    ASSERT_TRUE(sandbox.remove_handler("a"));
    ASSERT_TRUE(sandbox.remove_handler("same"));
    EXPECT_TRUE(sandbox.add_handler("b", script.with_virtual_base("/lib")));
}

TEST(Sandbox, NothingToLoadIsAnError) {
    auto sandbox = start_sandbox();
    const auto none = std::move(sandbox).load();
    EXPECT_EQ(none.error().code, ErrorCode::invalid_argument);
    ASSERT_TRUE(sandbox.add_handler("a", Script::from_content("function handler() { return 1; }")));
    EXPECT_TRUE(std::move(sandbox).load());
}

struct BadScript {
    const char* name;
    const char* source;
    const char* message;
};

class BadScripts : public ::testing::TestWithParam<BadScript> {};

TEST_P(BadScripts, FailToLoadAndLeaveTheSandboxAsItWas) {
    auto sandbox = start_sandbox();
    ASSERT_TRUE(sandbox.add_handler("bad", Script::from_content(GetParam().source, "bad.js")));
    const auto failed = std::move(sandbox).load();
    ASSERT_FALSE(failed);
    const bool compiles = std::string_view(GetParam().name) != "Syntax";
    EXPECT_EQ(failed.error().code, compiles ? ErrorCode::handler_error : ErrorCode::syntax_error);
    EXPECT_THAT(failed.error().message + "\n" + failed.error().stack, HasSubstr(GetParam().message));
    ASSERT_TRUE(sandbox.remove_handler("bad"));
    ASSERT_TRUE(sandbox.add_handler("good", Script::from_content("function handler() { return typeof leak; }")));
    auto loaded = std::move(sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->handle_event("good", "null")->result, R"("undefined")");
}

INSTANTIATE_TEST_SUITE_P(
    Sandbox, BadScripts,
    ::testing::Values(BadScript{"Syntax", "globalThis.leak = 1;\nfunction handler() { return }}", "bad.js:2:"},
                      BadScript{"Throws", "globalThis.leak = 1; throw new TypeError('no way')", "no way"},
                      BadScript{"NoHandler", "globalThis.leak = 1;", "has no handler"},
                      BadScript{"NotAFunction", "globalThis.leak = 1; export const handler = 5;",
                                "a handler that is a number"},
                      BadScript{"ImportOfAFile", "import x from './other.js'; function handler() {}", "other.js"}),
    [](const auto& test) { return test.param.name; });

struct BadCall {
    const char* name;
    const char* source;
    const char* event;
    ErrorCode code;
    const char* message;
};

class BadCalls : public ::testing::TestWithParam<BadCall> {};

TEST_P(BadCalls, FailAndDoNotPoison) {
    auto loaded = load_script(std::string("let ok = false;\n") + GetParam().source, "user.js");
    const auto failed = loaded.handle_event("main", GetParam().event);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, GetParam().code) << failed.error().message;
    EXPECT_THAT(failed.error().message + "\n" + failed.error().stack, HasSubstr(GetParam().message));
    EXPECT_FALSE(loaded.poisoned());
    EXPECT_EQ(loaded.handle_event("main", R"("fine")")->result, R"("fine")");
}

INSTANTIATE_TEST_SUITE_P(
    Sandbox, BadCalls,
    ::testing::Values(
        BadCall{"Throws", "function handler(e) { if (e === 'fine') return e;\n null.x; }", "1",
                ErrorCode::handler_error, "user.js:3"},
        BadCall{"ThrowsAString", "function handler(e) { if (e === 'fine') return e; throw 'plain'; }", "1",
                ErrorCode::handler_error, "plain"},
        BadCall{"Rejects", "async function handler(e) { if (e === 'fine') return e; throw new RangeError('late'); }",
                "1", ErrorCode::handler_error, "late"},
        BadCall{"NeverSettles", "function handler(e) { if (e === 'fine') return e; return new Promise(() => {}); }",
                "1", ErrorCode::handler_error, "never settle"},
        BadCall{"Undefined", "function handler(e) { if (e === 'fine') return e; }", "1", ErrorCode::handler_error,
                "undefined"},
        BadCall{"Cyclic", "function handler(e) { if (e === 'fine') return e; const a = {}; a.a = a; return a; }", "1",
                ErrorCode::handler_error, "circular"},
        BadCall{"BadEvent", "function handler(e) { return e; }", R"({"a": 1,})", ErrorCode::invalid_argument,
                "not JSON"},
        BadCall{"EmptyEvent", "function handler(e) { return e; }", "", ErrorCode::invalid_argument, "not JSON"},
        BadCall{"EventNotUtf8", "function handler(e) { return e; }", "\"\xff\"", ErrorCode::invalid_argument,
                "offset 1"},
        BadCall{"StackOverflow", "function handler(e) { if (e === 'fine') return e; return handler(e) + 1; }", "1",
                ErrorCode::stack_overflow, "RangeError"},
        BadCall{"OutOfMemory",
                "function handler(e) { if (e === 'fine') return e; const a = []; for (;;) a.push('x'.repeat(1e5) + "
                "a.length); }",
                "1", ErrorCode::out_of_memory, "SandboxBuilder::with_heap_size makes it larger"}),
    [](const auto& test) { return test.param.name; });

TEST(Sandbox, HandlersCanCatchTheirLimits) {
    if (sandbox::testing::tests_node()) GTEST_SKIP() << "memory that runs out ends the call there";
    auto loaded = load_script(R"(
        function deep(n) { return 1 + deep(n + 1); }
        function handler() {
            const caught = [];
            try { deep(0); } catch (e) { caught.push(e.name); }
            try { const a = []; for (;;) a.push('x'.repeat(1e5) + a.length); } catch (e) { caught.push(e.message); }
            return caught;
        })");
    const auto done = loaded.handle_event("main", "null");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->result, R"(["RangeError","out of memory"])");
}

TEST(Sandbox, PrintsToTheHost) {
    std::vector<std::pair<PrintLevel, std::string>> printed;
    auto proto = SandboxBuilder()
                     .with_print([&](PrintLevel level, std::string_view text) { printed.emplace_back(level, text); })
                     .build();
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(sandbox->add_handler(
        "main",
        Script::from_content(
            "function handler() { console.log('a', 1, {b: 2}); console.error('c'); print('d'); return null; }")));
    auto loaded = std::move(*sandbox).load();
    ASSERT_TRUE(loaded);
    const auto done = loaded->handle_event("main", "null");
    ASSERT_TRUE(done);
    ASSERT_EQ(printed.size(), 3U);
    EXPECT_EQ(printed[0].first, PrintLevel::log);
    EXPECT_EQ(printed[1], (std::pair{PrintLevel::error, std::string("c\n")}));
    EXPECT_EQ(printed[2], (std::pair{PrintLevel::print, std::string("d")}));
    EXPECT_GT(done->usage.bytes_printed, 0U);
}

TEST(Sandbox, EndsAnInvocationThatPrintsTooMuch) {
    std::uint64_t printed = 0;
    auto proto = SandboxBuilder()
                     .with_output_limit(100'000)
                     .with_print([&](PrintLevel, std::string_view text) { printed += text.size(); })
                     .build();
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(
        sandbox->add_handler("main", Script::from_content("function handler() { for (;;) print('x'.repeat(1000)); }")));
    auto loaded = std::move(*sandbox).load();
    const auto failed = loaded->handle_event("main", "null");
    EXPECT_EQ(failed.error().code, ErrorCode::cancelled);
    EXPECT_EQ(failed.error().terminated_by, "output");
    EXPECT_THAT(failed.error().message, HasSubstr("with_output_limit"));
    EXPECT_EQ(failed.error().usage.bytes_printed, 101'000U);
    EXPECT_TRUE(loaded->poisoned());
    EXPECT_EQ(printed, 100'000U);
}

TEST(Sandbox, LargeEventsAndResultsPassThroughTheMailbox) {
    auto loaded = load_script("function handler(e) { return e + e; }", "big.js", 128 << 20);
    const std::string big(4 << 20, 'y');
    const auto done = loaded.handle_event("main", "\"" + big + "\"");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->result, "\"" + big + big + "\"");
}

TEST(Sandbox, AnEventThatTheHeapCannotHoldIsRefused) {
    auto loaded = load_script("function handler(e) { return e.length; }");
    const auto failed = loaded.handle_event("main", "\"" + std::string(32 << 20, 'y') + "\"");
    EXPECT_EQ(failed.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(failed.error().message, HasSubstr("heap"));
    EXPECT_FALSE(loaded.poisoned());
    EXPECT_EQ(loaded.handle_event("main", R"("abc")")->result, "3");
}

TEST(Sandbox, SizesAreChecked) {
    EXPECT_EQ(SandboxBuilder().with_heap_size(1000).build().error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(SandboxBuilder().with_heap_size(~0ULL).build().error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(SandboxBuilder().with_stack_size(1).build().error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(SandboxBuilder().with_stack_size(~0ULL).build().error().code, ErrorCode::invalid_argument);
    auto smallest = SandboxBuilder().with_heap_size(1 << 20).with_stack_size(256 << 10).build();
    ASSERT_TRUE(smallest);
    EXPECT_TRUE(std::move(*smallest).load_runtime());
}

TEST(Sandbox, UsingAConsumedObjectIsAnError) {
    auto proto = SandboxBuilder().build();
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(sandbox);
    EXPECT_EQ(std::move(*proto).load_runtime().error().code, ErrorCode::consumed);
    ASSERT_TRUE(sandbox->add_handler("main", Script::from_content("function handler() { return 1; }")));
    auto loaded = std::move(*sandbox).load();
    ASSERT_TRUE(loaded);
    EXPECT_EQ(sandbox->add_handler("x", Script::from_content("")).error().code, ErrorCode::consumed);
    EXPECT_EQ(std::move(*sandbox).load().error().code, ErrorCode::consumed);
    LoadedSandbox moved = std::move(*loaded);
    EXPECT_EQ(loaded->handle_event("main", "1").error().code, ErrorCode::consumed);
    EXPECT_EQ(loaded->snapshot().error().code, ErrorCode::consumed);
    EXPECT_EQ(std::move(*loaded).unload().error().code, ErrorCode::consumed);
    EXPECT_FALSE(loaded->interrupt_handle().kill());
    EXPECT_TRUE(moved.handle_event("main", "1"));
}

TEST(Sandbox, ScriptsAreReadFromFiles) {
    const std::string path = ::testing::TempDir() + "curfew_script_test.js";
    std::ofstream(path) << "function handler() { return 'from a file'; }";
    const auto script = Script::from_file(path);
    ASSERT_TRUE(script) << script.error().message;
    EXPECT_EQ(script->name(), path);
    EXPECT_EQ(script->folder(), std::filesystem::canonical(path).parent_path());
    EXPECT_EQ(script->with_virtual_base("/app").folder(), "/app");
    EXPECT_THAT(Script::from_file(path + ".missing").error().message, HasSubstr("no such file"));
    EXPECT_THAT(Script::from_file(::testing::TempDir()).error().message, HasSubstr("folder"));
    std::ofstream(path) << "\xff\xfe";
    EXPECT_THAT(Script::from_file(path).error().message, HasSubstr("UTF-8"));
}

}  // namespace
}  // namespace curfew
