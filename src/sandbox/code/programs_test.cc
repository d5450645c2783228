#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <utility>

#include <curfew/file_system.h>
#include <curfew/host_module.h>
#include <curfew/monitor/cpu_time.h>
#include <curfew/sandbox.h>

#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using sandbox::testing::start_sandbox;
using sandbox::testing::tests_node;
using ::testing::HasSubstr;

LoadedSandbox empty_sandbox() {
    auto loaded = start_sandbox().load_without_handlers();
    EXPECT_TRUE(loaded) << loaded.error().message;
    return std::move(*loaded);
}

std::string value_of(LoadedSandbox& sandbox, std::string_view program) {
    const auto done = sandbox.evaluate(program);
    return done ? done->result : done.error().message + "\n" + done.error().stack;
}

std::string value_of(std::string_view program) {
    LoadedSandbox sandbox = empty_sandbox();
    return value_of(sandbox, program);
}

TEST(ProgramTest, GivesTheValueOfTheLastExpression) {
    EXPECT_EQ(value_of("1 + 1"), "2");
    EXPECT_EQ(value_of("const x = 20;\nx + 1;"), "21");
    EXPECT_EQ(value_of("let x = 2\nx\nconst y = 3\n"), "2");
    EXPECT_EQ(value_of("if (1 < 2) { 'yes' } else { 'no' }"), R"("yes")");
    EXPECT_EQ(value_of("let sum = 0; for (const x of [1, 2, 3]) sum += x"), "6");
    EXPECT_EQ(value_of("try { JSON.parse('{') } catch (error) { error.name }"), R"("SyntaxError")");
    EXPECT_EQ(value_of("1; if (false) { 2 }"), "null");
    EXPECT_EQ(value_of("({ a: [1, 'x'] })"), R"({"a":[1,"x"]})");
    EXPECT_EQ(value_of("switch (2) { case 1: 'one'; break; case 2: 'two' }"), R"("two")");
    EXPECT_EQ(value_of("Promise.resolve(5)"), "5");
    EXPECT_EQ(value_of("const f = () => 1\n;[1, 2].map((x) => x + f())"), "[2,3]");
}

TEST(ProgramTest, GivesNullForNothing) {
    EXPECT_EQ(value_of(""), "null");
    EXPECT_EQ(value_of("// nothing\n"), "null");
    EXPECT_EQ(value_of("const x = 1"), "null");
    EXPECT_EQ(value_of("return"), "null");
    EXPECT_EQ(value_of("undefined"), "null");
    EXPECT_THAT(value_of("(() => 1)"), HasSubstr("the program returned a function, which is not JSON"));
}

TEST(ProgramTest, AwaitsAndReturnsAtItsTopLevel) {
    EXPECT_EQ(value_of("const x = await Promise.resolve(20); return x + 1; 'never'"), "21");
    EXPECT_EQ(value_of("for (const x of [1, 2, 3]) {\n  if (x === 2) return { x };\n}\n'none'"), R"({"x":2})");
    EXPECT_EQ(value_of("try { return 1 } finally { globalThis.seen = true }"), "1");
    EXPECT_EQ(value_of("try { throw new Error('a') } catch (e) { return e.message } return 'b'"), R"("a")");
    EXPECT_EQ(value_of("return Promise.resolve({ value: 1 })"), R"({"value":1})");
    EXPECT_EQ(value_of("const sleep = (ms) => new Promise((done) => setTimeout(done, ms));\n"
                       "const all = await Promise.all([1, 2].map(async (x) => { await sleep(1); return x * 2 }));\n"
                       "return all"),
              "[2,4]");
    EXPECT_EQ(value_of("for await (const x of [Promise.resolve(7)]) x"), "7");
    EXPECT_EQ(value_of("switch (1) { case 1: return 'in a switch' }"), R"("in a switch")");
}

TEST(ProgramTest, IsStrict) {
    EXPECT_THAT(value_of("undeclared = 1"), HasSubstr("ReferenceError"));
    EXPECT_THAT(value_of("with ({}) {}"), HasSubstr("SyntaxError"));
    EXPECT_EQ(value_of("(function () { return this === undefined })()"), "true");
}

// The place of an error, as message and stack have it.
std::string failure_of(std::string_view program) {
    LoadedSandbox sandbox = empty_sandbox();
    const auto done = sandbox.evaluate(program);
    EXPECT_FALSE(done);
    return done ? "" : done.error().message + "\n" + done.error().stack;
}

// One engine names the beginning of an expression, the other what was read of it.
std::string place(int line, int column, int column_on_node) {
    return "program.js:" + std::to_string(line) + ':' + std::to_string(tests_node() ? column_on_node : column);
}

TEST(ProgramTest, ErrorsNameTheLinesAndColumnsOfTheText) {
    EXPECT_THAT(failure_of("throw new Error('here')"), HasSubstr(place(1, 11, 7)));
    EXPECT_THAT(failure_of("1;\n  await null;\n    null.x"), HasSubstr(place(3, 5, 10)));
    EXPECT_THAT(failure_of("const a = 1; a; a; const b = null; b.x"), HasSubstr(place(1, 36, 38)));
    EXPECT_THAT(failure_of("let a, b = null; if (true) { a; b.x }"), HasSubstr(place(1, 33, 35)));
    EXPECT_THAT(failure_of("\n\nfunction f() { null.x }\nf()\n"), HasSubstr(place(3, 16, 21)));
    EXPECT_THAT(failure_of("import { format } from 'util-of-nobody';\nnull.x"), HasSubstr("util-of-nobody"));
    EXPECT_THAT(failure_of("import 'io';\nnull.x"), HasSubstr(place(2, 1, 6)));
    const std::string at_the_end = failure_of("const a = 1;\nlet b = ;\n");
    EXPECT_THAT(at_the_end, HasSubstr("SyntaxError"));
    EXPECT_THAT(at_the_end, HasSubstr("(program.js:2:9)"));
}

TEST(ProgramTest, RefusesWhatItCannotBe) {
    EXPECT_THAT(failure_of("export const x = 1"), HasSubstr("a program exports nothing"));
    EXPECT_THAT(failure_of("1;\nimport io from 'io'"), HasSubstr("static imports stand at the top of a program"));
    EXPECT_THAT(failure_of("return 1\n}"), HasSubstr("SyntaxError"));
    EXPECT_THAT(failure_of("function f() { await 1 }"), HasSubstr("SyntaxError"));
    EXPECT_THAT(failure_of("break"), HasSubstr("SyntaxError"));
}

TEST(ProgramTest, ImportsAtItsTop) {
    auto proto = SandboxBuilder().build();
    ASSERT_TRUE(proto);
    proto->host_module("math").add("add", [](int a, int b) { return a + b; });
    auto sandbox = std::move(*proto).load_runtime();
    ASSERT_TRUE(sandbox);
    ASSERT_TRUE(sandbox->add_module("tools", "export default 'd'; export const one = 1; export { one as 'a b' };"));
    auto loaded = std::move(*sandbox).load_without_handlers();
    ASSERT_TRUE(loaded);
    EXPECT_EQ(value_of(*loaded, "import { add } from 'host:math';\nreturn add(20, 1)"), "21");
    EXPECT_EQ(value_of(*loaded,
                       "#!/usr/bin/env curfew\n// first\n'use strict'; /* then */ import * as math from\n  "
                       "\"math\"\nimport d, { one as uno, 'a b' as ab, } from 'user:tools'\n"
                       "import 'user:tools';\n[math.add(1, 1), d, uno, ab]"),
              R"([2,"d",1,1])");
    EXPECT_EQ(value_of(*loaded, "import d, * as all from 'user:tools'; d + all.one"), R"("d1")");
    EXPECT_THAT(value_of(*loaded, "import { two } from 'user:tools'; two"),
                HasSubstr("the module \"user:tools\" has no export named two"));
    EXPECT_EQ(value_of(*loaded, "const { one } = await import('user:tools'); one"), "1");
    EXPECT_EQ(value_of(*loaded, "const text = 'import x from y'; text"), R"("import x from y")");
}

TEST(ProgramTest, IsAHandlerThatACallRuns) {
    Sandbox sandbox = start_sandbox();
    ASSERT_TRUE(sandbox.add_handler("main", Script::from_program("globalThis.calls = (globalThis.calls ?? 0) + 1;\n"
                                                                 "const twice = event.x * 2;\n"
                                                                 "if (event.early) return 'early';\n"
                                                                 "({ twice, calls })")));
    auto loaded = std::move(sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    const auto first = loaded->handle_event("main", R"({"x":2})");
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->result, R"({"twice":4,"calls":1})");
    EXPECT_EQ(loaded->handle_event("main", R"({"x":3,"early":true})")->result, R"("early")");
    EXPECT_EQ(loaded->handle_event("main", R"({"x":3})")->result, R"({"twice":6,"calls":3})");
    EXPECT_EQ(value_of(*loaded, "typeof event + typeof twice"), R"("undefinedundefined")");
}

TEST(ProgramTest, DoesNotLoadIfItDoesNotCompile) {
    Sandbox sandbox = start_sandbox();
    ASSERT_TRUE(sandbox.add_handler("main", Script::from_program("const x = ;", "wrong.js")));
    const auto loaded = std::move(sandbox).load();
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ErrorCode::syntax_error);
    EXPECT_THAT(loaded.error().message, HasSubstr("(wrong.js:1:11)"));
}

TEST(ProgramTest, SnapshotsKeepIt) {
    Sandbox sandbox = start_sandbox();
    ASSERT_TRUE(sandbox.add_handler("main", Script::from_program("event + 1")));
    auto loaded = std::move(sandbox).load();
    ASSERT_TRUE(loaded);
    const auto snapshot = loaded->snapshot();
    ASSERT_TRUE(snapshot);
    auto other = LoadedSandbox::from_snapshot(*snapshot);
    ASSERT_TRUE(other);
    EXPECT_EQ(other->handle_event("main", "1")->result, "2");
}

TEST(EvaluateTest, LaterProgramsSeeEarlierNames) {
    LoadedSandbox sandbox = empty_sandbox();
    EXPECT_EQ(value_of(sandbox,
                       "const a = 1; let b = 2; var c = await 3; function f() { return a + b + c }\n"
                       "class K { m() { return 'k' } }\nconst { d, e: [g] } = { d: 4, e: [5] };"),
              "null");
    EXPECT_EQ(value_of(sandbox, "b += 10; [a, b, c, d, g, f(), new K().m()]"), R"([1,12,3,4,5,16,"k"])");
    EXPECT_THAT(value_of(sandbox, "a = 2"), HasSubstr("TypeError"));
    EXPECT_EQ(value_of(sandbox, "return f()"), "16");
}

TEST(EvaluateTest, NamesMayBeDeclaredAgain) {
    LoadedSandbox sandbox = empty_sandbox();
    EXPECT_EQ(value_of(sandbox, "const x = 1; var y = 1; function z() { return x } x"), "1");
    EXPECT_EQ(value_of(sandbox, "const x = 2; const y = 2; x + y"), "4");
    EXPECT_EQ(value_of(sandbox, "var x = 3; let y = 3; const z = 3; x + y + z"), "9");
    EXPECT_EQ(value_of(sandbox, "function x() { return 4 } x()"), "4");
    EXPECT_EQ(value_of(sandbox, "import io from 'io'; typeof io.print"), R"("function")");
    EXPECT_EQ(value_of(sandbox, "import io from 'io'; typeof io.print"), R"("function")");
}

TEST(EvaluateTest, GoesOnAfterAnError) {
    LoadedSandbox sandbox = empty_sandbox();
    EXPECT_THAT(value_of(sandbox, "const before = 1; throw new RangeError('x')"), HasSubstr("RangeError: x"));
    EXPECT_FALSE(sandbox.poisoned());
    EXPECT_EQ(value_of(sandbox, "before"), "1");
}

TEST(EvaluateTest, WorksBesideHandlersAndIsRolledBack) {
    Sandbox started = start_sandbox();
    ASSERT_TRUE(started.add_handler("main", Script::from_content("let n = 0; function handler() { return ++n }")));
    auto sandbox = std::move(started).load();
    ASSERT_TRUE(sandbox);
    const auto before = sandbox->snapshot();
    ASSERT_TRUE(before);
    EXPECT_EQ(sandbox->handle_event("main", "null")->result, "1");
    EXPECT_EQ(value_of(*sandbox, "globalThis.shared = 'x'; const mine = 1; mine"), "1");
    EXPECT_EQ(sandbox->handle_event("main", "null")->result, "2");
    ASSERT_TRUE(sandbox->restore(*before));
    EXPECT_EQ(value_of(*sandbox, "typeof shared + typeof mine"), R"("undefinedundefined")");
    EXPECT_EQ(sandbox->handle_event("main", "null")->result, "1");
}

TEST(EvaluateTest, IsUnderLimits) {
    LoadedSandbox sandbox = empty_sandbox();
    const auto before = sandbox.snapshot();
    ASSERT_TRUE(before);
    const auto done = sandbox.evaluate("for (;;) {}", CpuTimeMonitor(std::chrono::milliseconds(20)));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::cancelled);
    EXPECT_EQ(done.error().terminated_by, "cpu-time");
    EXPECT_TRUE(sandbox.poisoned());
    EXPECT_EQ(sandbox.evaluate("1").error().code, ErrorCode::poisoned);
    ASSERT_TRUE(sandbox.restore(*before));
    EXPECT_EQ(value_of(sandbox, "1"), "1");
}

TEST(EvaluateTest, RefusesWhatIsNoText) {
    LoadedSandbox sandbox = empty_sandbox();
    EXPECT_EQ(sandbox.evaluate("\xff").error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(sandbox.evaluate(Script::from_program("1", std::string("a\0b", 3))).error().code,
              ErrorCode::invalid_argument);
}

TEST(LoadWithoutHandlersTest, IsForSandboxesThatHaveNone) {
    Sandbox sandbox = start_sandbox();
    ASSERT_TRUE(sandbox.add_handler("main", Script::from_content("function handler() { return 1 }")));
    const auto refused = std::move(sandbox).load_without_handlers();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(refused.error().message, HasSubstr("load() loads them"));
    const auto loaded = std::move(sandbox).load();  // it is as it was
    EXPECT_TRUE(loaded);
}

TEST(LateHandlerTest, KeepsTheState) {
    LoadedSandbox sandbox = empty_sandbox();
    EXPECT_EQ(value_of(sandbox, "globalThis.n = 40; null"), "null");
    ASSERT_TRUE(sandbox.add_handler("more", Script::from_content("function handler(x) { return n += x }")));
    EXPECT_EQ(sandbox.handlers(), std::vector<std::string>{"more"});
    EXPECT_EQ(sandbox.handle_event("more", "2")->result, "42");
    EXPECT_EQ(sandbox.add_handler("more", Script::from_program("1")).error().code, ErrorCode::invalid_argument);
    ASSERT_TRUE(sandbox.remove_handler("more"));
    EXPECT_EQ(sandbox.handle_event("more", "2").error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(sandbox.remove_handler("more").error().code, ErrorCode::invalid_argument);
    ASSERT_TRUE(sandbox.add_handler("more", Script::from_program("n + event")));
    EXPECT_EQ(sandbox.handle_event("more", "1")->result, "43");
}

TEST(LateHandlerTest, AnErrorLeavesTheRestAsItWas) {
    LoadedSandbox sandbox = empty_sandbox();
    ASSERT_TRUE(sandbox.add_handler("one", Script::from_content("function handler() { return 1 }")));
    const auto refused = sandbox.add_handler("two", Script::from_content("throw new Error('top')", "two.js"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::handler_error);
    EXPECT_THAT(refused.error().stack, HasSubstr("two.js:1:"));
    EXPECT_EQ(sandbox.handlers(), std::vector<std::string>{"one"});
    EXPECT_EQ(sandbox.handle_event("one", "null")->result, "1");
}

TEST(LateHandlerTest, IsGoneAfterARestore) {
    LoadedSandbox sandbox = empty_sandbox();
    const auto before = sandbox.snapshot();
    ASSERT_TRUE(before);
    ASSERT_TRUE(sandbox.add_handler("one", Script::from_content("function handler() { return 1 }")));
    const auto after = sandbox.snapshot();
    ASSERT_TRUE(after);
    ASSERT_TRUE(sandbox.restore(*before));
    EXPECT_TRUE(sandbox.handlers().empty());
    ASSERT_TRUE(sandbox.restore(*after));
    EXPECT_EQ(sandbox.handle_event("one", "null")->result, "1");
}

}  // namespace
}  // namespace curfew
