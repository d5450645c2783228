// What a program gets to know of what JavaScript threw.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <curfew/curfew.h>
#include <curfew/error_details.h>

#include "sandbox/error_description.h"
#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using testing::HasSubstr;

class ErrorDetailsTest : public testing::Test {
  protected:
    static LoadedSandbox load(std::string source) {
        auto sandbox = std::move(*SandboxBuilder().build()).load_runtime();
        EXPECT_TRUE(sandbox) << sandbox.error().message;
        EXPECT_TRUE(sandbox->add_handler("f", Script::from_content(std::move(source), "app.js")));
        auto loaded = std::move(*sandbox).load();
        EXPECT_TRUE(loaded) << loaded.error().message;
        return std::move(*loaded);
    }

    // What a handler with this body fails with.
    static Error error_of(const std::string& body) {
        auto loaded = load("export function handler(event) {\n" + body + "\n}");
        auto done = loaded.handle_event("f", "null");
        EXPECT_FALSE(done) << body;
        Error error = done ? Error{} : std::move(done.error());
        EXPECT_TRUE(error.ran);
        EXPECT_TRUE(loaded.handle_event("f", "null").error().code == error.code) << "it goes on";
        return error;
    }
};

TEST_F(ErrorDetailsTest, HaveNameMessagePlaceAndSource) {
    const Error error = error_of("    throw new TypeError('no such thing');");
    EXPECT_EQ(error.code, ErrorCode::handler_error);
    EXPECT_EQ(error.message, "TypeError: no such thing");
    ASSERT_TRUE(error.details);
    EXPECT_EQ(error.details->name, "TypeError");
    EXPECT_EQ(error.details->message, "no such thing");
    EXPECT_EQ(error.details->file, "app.js");
    EXPECT_EQ(error.details->line, 2);
    EXPECT_GE(error.details->column, 11);
    EXPECT_EQ(error.details->source_line, "    throw new TypeError('no such thing');");
    EXPECT_EQ(error.details->source_column, error.details->column);
    EXPECT_EQ(error.details->stack, error.stack);
    EXPECT_THAT(error.stack, HasSubstr("app.js:2:"));
    EXPECT_FALSE(error.details->cause);
    EXPECT_TRUE(error.details->errors.empty());
    EXPECT_EQ(error.details->value, Value(Value::Object{}));
}

TEST_F(ErrorDetailsTest, HaveFields) {
    const Error error = error_of(
        "const e = new RangeError('x'); e.code = 'E_QUOTA'; e.status = 429; e.when = new Date(5); e.big = 12n ** 30n;"
        "e.list = [1, { a: null }]; e.inner = new Error('y'); e.f = () => 1; Object.defineProperty(e, 'hidden', { "
        "value: 1 });"
        "Object.defineProperty(e, 'computed', { enumerable: true, get() { for (;;) {} } }); e.m = new Map(); e.s = "
        "Symbol();"
        "throw e;");
    ASSERT_TRUE(error.details);
    const Value& value = error.details->value;
    EXPECT_EQ(value["code"], Value("E_QUOTA"));
    EXPECT_EQ(value["status"], Value(429));
    EXPECT_EQ(value["when"], Value(Value::Date{5}));
    EXPECT_EQ(value["big"].kind(), Value::Kind::bigint);
    EXPECT_EQ(value["list"], Value(Value::Array{1, Value::Object{{"a", nullptr}}}));
    EXPECT_EQ(value["inner"], Value("Error: y"));
    for (const char* name : {"f", "hidden", "computed", "s", "message", "stack"})
        EXPECT_TRUE(value[name].is_undefined()) << name;
}

TEST_F(ErrorDetailsTest, HaveTheCauseOfTheCause) {
    const Error error = error_of(
        "const c = new TypeError('second', { cause: { code: 7 } });\n"
        "throw new Error('first', { cause: c });");
    ASSERT_TRUE(error.details && error.details->cause && error.details->cause->cause);
    EXPECT_EQ(error.details->cause->name, "TypeError");
    EXPECT_EQ(error.details->cause->message, "second");
    EXPECT_EQ(error.details->cause->line, 2);
    EXPECT_THAT(error.details->cause->source_line, HasSubstr("const c ="));
    EXPECT_EQ(error.details->cause->cause->name, "");
    EXPECT_EQ(error.details->cause->cause->value, Value(Value::Object{{"code", 7}}));
    EXPECT_FALSE(error.details->cause->cause->cause);
}

TEST_F(ErrorDetailsTest, HaveTheErrorsOfAnAggregate) {
    const Error error = error_of("throw new AggregateError([new Error('a'), 'b', new TypeError('c')], 'all');");
    ASSERT_TRUE(error.details);
    EXPECT_EQ(error.details->name, "AggregateError");
    ASSERT_EQ(error.details->errors.size(), 3);
    EXPECT_EQ(error.details->errors[0]->message, "a");
    EXPECT_EQ(error.details->errors[1]->value, Value("b"));
    EXPECT_EQ(error.details->errors[2]->name, "TypeError");
}

TEST_F(ErrorDetailsTest, TellWhatElseWasThrown) {
    EXPECT_EQ(error_of("throw { code: 5 };").details->value, Value(Value::Object{{"code", 5}}));
    EXPECT_EQ(error_of("throw 'text';").details->value, Value("text"));
    EXPECT_EQ(error_of("throw 'text';").details->message, "text");
    EXPECT_EQ(error_of("throw undefined;").details->value, Value());
    EXPECT_EQ(error_of("throw null;").details->value, Value(nullptr));
    EXPECT_EQ(error_of("throw -0;").details->value, Value(-0.0));
    EXPECT_FALSE(error_of("throw Symbol('x');").details->message.empty());
}

TEST_F(ErrorDetailsTest, OfACustomClassHaveItsName) {
    const Error error = error_of(
        "class NotFound extends Error { constructor(id) { super(`no ${id}`); this.name = 'NotFound'; this.id = id; } "
        "}\n"
        "throw new NotFound('u1');");
    EXPECT_EQ(error.details->name, "NotFound");
    EXPECT_EQ(error.details->value, Value(Value::Object{{"id", "u1"}}));
}

TEST_F(ErrorDetailsTest, AreBoundedWhateverIsThrown) {
    for (
        const char* body :
        {"const e = new Error('x'); e.cause = e; throw e;",
         "let e = new Error('x'); for (let i = 0; i < 1e4; ++i) e = new Error('y', { cause: e }); throw e;",
         "const a = []; const e = new AggregateError(a, 'x'); e.errors = a; for (let i = 0; i < 1e4; ++i) a.push(e); "
         "throw e;",
         "const e = new Error('x'); for (let i = 0; i < 500; ++i) e['p' + i] = 'v'.repeat(5000); throw e;",
         "const e = new Error('x'); let o = {}; e.o = o; for (let i = 0; i < 1e4; ++i) { o.a = {}; o = o.a; } throw e;",
         "const e = new Error('x'); e.self = e; e.list = []; e.list.push(e.list, e.list, e.list, e.list, e.list); "
         "throw e;",
         "const e = new Error('x'); e.big = 1n << 100000n; throw e;", "const e = new Error('x'.repeat(1e6)); throw e;",
         "const e = new Error('x'); e.stack = '    at y (z:1:1)\\n'.repeat(1e5); throw e;",
         "const e = new Error('\\ud800'); e.half = '\\udc00'; e['\\ud800'] = 1; throw e;",
         "throw new Proxy(new Error('x'), { get() { throw 1 }, ownKeys() { throw 2 }, getPrototypeOf() { throw 3 } });",
         "const e = new Error('x'); e.p = new Proxy({}, { ownKeys() { for (;;) {} } }); throw e;",
         "const e = new Error('x'); Object.defineProperty(e, 'message', { get() { throw 1; } }); throw e;",
         "const e = new Error('x'); Object.defineProperty(e, 'cause', { get() { for (;;) {} } }); throw e;",
         "const e = new Error('x'); e.name = Symbol(); e.message = { toString() { throw 1; } }; throw e;",
         "const e = new Error('x'); delete e.message; Object.setPrototypeOf(e, null); throw e;",
         "const e = new Error('x'); e.list = Array(1e4).fill(1); e.sparse = Array(4e9); throw e;"}) {
        const Error error = error_of(body);
        EXPECT_EQ(error.code, ErrorCode::handler_error) << body;
        ASSERT_TRUE(error.details) << body;
        EXPECT_LE(error.details->message.size(), ErrorDetails::kLongestText) << body;
        EXPECT_LE(error.details->stack.size(), ErrorDetails::kLongestText) << body;
        int depth = 0;
        for (const ErrorDetails* at = error.details.get(); at != nullptr; at = at->cause.get()) ++depth;
        EXPECT_LE(depth, 10) << body;
        EXPECT_LE(error.details->errors.size(), ErrorDetails::kMostErrors) << body;
        const auto json = error.details->value.to_cbor();
        ASSERT_TRUE(json) << body;
        EXPECT_LT(json->size(), 500'000) << body;
    }
}

// Node.js says it in its own words.
TEST_F(ErrorDetailsTest, OnQuickJsNameWhatFailed) {
    const struct {
        const char* code;
        const char* message;
    } cases[] = {
        {"o.n()", "o.n is not a function"},
        {"o.list[0].x()", "o.list[0].x is not a function"},
        {"new o.n()", "o.n is not a constructor"},
        {"for (const each of o.n) {}", "o.n is not iterable"},
        {"[...o.n]", "o.n is not iterable"},
        {"Math.max(...o.n)", "o.n is not iterable"},
        {"for (const each of o.nothing) {}", "o.nothing is not iterable"},
        {"for await (const each of o.nothing) {}", "o.nothing is not iterable"},
        {"[...(function* () { yield* o.nothing; })()]", "o.nothing is not iterable"},
        {"const [a, b] = o.n;", "o.n is not iterable"},
        {"let a; [a] = o.n;", "o.n is not iterable"},
        {"const [a] = o.nothing, c = 1;", "o.nothing is not iterable"},
        {"const { a } = o.nothing;", "cannot destructure o.nothing, which is null or undefined"},
        {"new Map(o.n)", "a number is not iterable"},
        {"await Promise.all(null)", "null is not iterable"},
        {"Object.fromEntries(o.f)", "a function is not iterable"},
        {"o.nothing.x", "cannot read property 'x' of undefined (o.nothing)"},
        {"o.nothing.x.y()", "cannot read property 'x' of undefined (o.nothing)"},
        {"o.list[1].x = 1", "cannot set property 'x' of undefined (o.list[1])"},
        {"o.list[7][0]", "cannot read property '0' of undefined (o.list[7])"},
        // What failed is not known from the source.
        {"o.f().x", "cannot read property 'x' of undefined"},
        {"o.nothing.x.x", "cannot read property 'x' of undefined"},
        {"const [[a]] = o.list;", "value is not iterable"},
        {"(([a]) => a)(1)", "value is not iterable"},
        {"(({ a }) => a)(null)", "Cannot convert undefined or null to object"},
        {"const [a] = o.n + 1;", "value is not iterable"},
        {"throw new TypeError('not a function')", "not a function"},
    };
    const std::string o = "const o = { n: 1, list: [{}], f() {} }; ";
    for (const auto& [code, message] : cases) {
        auto loaded = sandbox::testing::load_script("export async function handler() { " + o + code + " }");
        if (loaded.engine() != Engine::quickjs) GTEST_SKIP();
        EXPECT_EQ(loaded.handle_event("main", "null").error().message, std::string("TypeError: ") + message) << code;
        EXPECT_EQ(loaded.evaluate(o + code).error().message, std::string("TypeError: ") + message)
            << "in a program: " << code;
    }
}

TEST_F(ErrorDetailsTest, HaveCodesOfTheirOwn) {
    const Error deep = error_of("(function f() { f(); })();");
    EXPECT_EQ(deep.code, ErrorCode::stack_overflow) << deep.message;
    EXPECT_THAT(deep.message, HasSubstr("RangeError: Maximum call stack size exceeded"));
    EXPECT_EQ(error_of("const a = []; for (;;) a.push(new Array(1000).fill(1.5));").code, ErrorCode::out_of_memory);
    EXPECT_EQ(error_of("JSON.parse('{');").code, ErrorCode::handler_error) << "it compiled";

    auto sandbox = std::move(*SandboxBuilder().build()).load_runtime();
    ASSERT_TRUE(
        sandbox->add_handler("f", Script::from_content("// one\nfunction handler() { return 1 +; }\n", "app.js")));
    const auto loaded = std::move(*sandbox).load();
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ErrorCode::syntax_error);
    ASSERT_TRUE(loaded.error().details);
    EXPECT_EQ(loaded.error().details->name, "SyntaxError");
    EXPECT_EQ(loaded.error().details->file, "app.js");
    EXPECT_GE(loaded.error().details->line, 2);
    EXPECT_FALSE(loaded.error().details->source_line.empty());
}

TEST_F(ErrorDetailsTest, SayThatNothingWasRun) {
    auto loaded = load("let n = 0; export const handler = () => ++n;");
    loaded.interrupt_handle().kill();
    const auto past = std::chrono::steady_clock::now() - std::chrono::seconds(1);
    const auto late = loaded.handle_event("f", "null", std::tuple{DeadlineMonitor(past)});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, ErrorCode::not_run);
    EXPECT_FALSE(late.error().ran);
    EXPECT_EQ(late.error().terminated_by, "deadline");
    EXPECT_FALSE(loaded.poisoned());
    const auto done = loaded.handle_event("f", "null");
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->result, "1");
}

TEST_F(ErrorDetailsTest, ShowTheLinesOfModulesAndOfSnapshots) {
    auto files = std::make_shared<MemoryFileSystem>();
    ASSERT_TRUE(files->add("/lib.js", "export function check(x) {\n  throw new Error('bad ' + x);\n}\n"));
    auto sandbox = std::move(*SandboxBuilder().with_modules(files).build()).load_runtime();
    ASSERT_TRUE(sandbox->add_handler(
        "f", Script::from_content("import { check } from '/lib.js';\nexport const handler = check;")));
    auto loaded = std::move(*sandbox).load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    const auto failed = loaded->handle_event("f", "1");
    ASSERT_FALSE(failed);
    ASSERT_TRUE(failed.error().details);
    EXPECT_EQ(failed.error().details->line, 2);
    EXPECT_EQ(failed.error().details->source_line, "  throw new Error('bad ' + x);");

    auto script = load("export const handler = () => {\n  throw new Error('x');\n};");
    auto copy = LoadedSandbox::from_snapshot(*script.snapshot());
    ASSERT_TRUE(copy) << copy.error().message;
    EXPECT_EQ(copy->handle_event("f", "1").error().details->source_line, "  throw new Error('x');");
}

// --- What the host reads ---

ErrorDetails place_of(std::string_view stack) {
    ErrorDetails details;
    sandbox::find_place(stack, details);
    return details;
}

TEST(ErrorDescription, FindsThePlaceInAStack) {
    const struct {
        const char* stack;
        const char* file;
        std::uint32_t line;
        std::uint32_t column;
    } cases[] = {
        {"    at f (app.js:3:14)\n    at g (b.js:1:2)", "app.js", 3, 14},
        {"    at app.js:3:14", "app.js", 3, 14},
        {"    at async app.js:3:14", "app.js", 3, 14},
        {"    at parse (native)\n    at f (app.js:3:14)", "app.js", 3, 14},
        {"    at parse (node:internal/x:1:2)\n    at f (file:///app.js:3:14)", "file:///app.js", 3, 14},
        {"", "", 0, 0},
        {"at app.js:3:14", "", 0, 0},
        {"    at app.js:3", "", 0, 0},
        {"    at app.js:99999999999:1", "", 0, 0},
        {"    at :1:1", "", 0, 0},
        {"    at (", "", 0, 0},
        {"    at ::::", "", 0, 0},
    };
    for (const auto& [stack, file, line, column] : cases) {
        EXPECT_EQ(place_of(stack).file, file) << stack;
        EXPECT_EQ(place_of(stack).line, line) << stack;
        EXPECT_EQ(place_of(stack).column, column) << stack;
    }
}

TEST(ErrorDescription, CutsALongLineAroundTheColumn) {
    ErrorDetails details{.line = 2, .column = 5000};
    sandbox::find_source_line("one\n" + std::string(4999, 'a') + "X" + std::string(5000, 'b'), details);
    EXPECT_LE(details.source_line.size(), ErrorDetails::kLongestSourceLine);
    EXPECT_EQ(details.source_line.at(details.source_column - 1), 'X');
    ErrorDetails none{.line = 9, .column = 1};
    sandbox::find_source_line("one\ntwo", none);
    EXPECT_EQ(none.source_line, "");
}

TEST(ErrorDescription, IsReadWithinBounds) {
    EXPECT_EQ(sandbox::read_error_description("", nullptr), nullptr);
    EXPECT_EQ(sandbox::read_error_description("\x01", nullptr), nullptr);
    EXPECT_EQ(sandbox::read_error_description(std::string(8 << 20, '\x80'), nullptr), nullptr);
    Value chain = Value::Object{{"message", "end"}};
    for (int i = 0; i < 20; ++i) chain = Value::Object{{"message", i}, {"cause", chain}};
    const auto details = sandbox::read_error_description(*chain.to_cbor(), nullptr);
    ASSERT_TRUE(details);
    EXPECT_EQ(details->message, "") << "a number is no text";
    int depth = 0;
    for (const ErrorDetails* at = details.get(); at != nullptr; at = at->cause.get()) ++depth;
    EXPECT_EQ(depth, ErrorDetails::kMostCauses + 1);
    const Value many = Value::Object{{"errors", Value::Array(1000, Value::Object{})}};
    EXPECT_LT(sandbox::read_error_description(*many.to_cbor(), nullptr)->errors.size(), ErrorDetails::kMostErrors);
}

}  // namespace
}  // namespace curfew
