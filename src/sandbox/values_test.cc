// Values beyond JSON, into handlers and back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include <curfew/curfew.h>
#include <curfew/value.h>

#include "sandbox/testing/load.h"
#include "value/testing/random_value.h"

namespace curfew {
namespace {

using sandbox::testing::load_script;
using ::testing::HasSubstr;

class ValuesTest : public ::testing::Test {
  protected:
    static Value call(const std::string& body, const Value& event = nullptr) {
        auto loaded = load_script("export async function handler(event) {" + body + "}");
        auto done = loaded.handle_event("main", event);
        EXPECT_TRUE(done) << body << ": " << done.error().message;
        return done ? std::move(done->result) : Value("failed");
    }
    static Error error_of(const std::string& body, const Value& event = nullptr) {
        auto loaded = load_script("export function handler(event) {" + body + "}");
        auto done = loaded.handle_event("main", event);
        EXPECT_FALSE(done) << body;
        return done ? Error{} : std::move(done.error());
    }
};

TEST_F(ValuesTest, ComeOutAsTheyAre) {
    const auto bytes = [](auto... b) { return std::vector<std::byte>{static_cast<std::byte>(b)...}; };
    const struct {
        const char* code;
        Value value;
    } cases[] = {
        {"undefined", {}},
        {"null", nullptr},
        {"-0", -0.0},
        {"NaN", std::nan("")},
        {"-Infinity", -HUGE_VAL},
        {"2 ** 53", std::ldexp(1.0, 53)},
        {"1e300", 1e300},
        {"123456789012", 123456789012},
        {"12345678901234567890n", 12345678901234567890U},
        {"-(2n ** 63n)", std::numeric_limits<std::int64_t>::min()},
        {"0n", Value::BigInt{}},
        {"'\u00e9\u4e2d\U0001f600'", "\u00e9\u4e2d\U0001f600"},
        {"new Date(1766599200123)", Value::Date{1766599200123}},
        {"new Date(NaN)", Value::Date{std::nan("")}},
        {"/a\\/b/giu", Value::RegExp{"a\\/b", "giu"}},
        {"new Uint8Array([1, 2])", bytes(1, 2)},
        {"new Uint16Array([258]).subarray(0)", Value::Bytes{bytes(2, 1), Value::View::uint16}},
        {"new Float64Array([1.5])", Value::Bytes{bytes(0, 0, 0, 0, 0, 0, 0xf8, 0x3f), Value::View::float64}},
        {"new Uint8Array([1, 2, 3]).buffer", Value::Bytes{bytes(1, 2, 3), Value::View::array_buffer}},
        {"new DataView(new Uint8Array([1, 2, 3]).buffer, 1)", Value::Bytes{bytes(2, 3), Value::View::data_view}},
        {"[1, , 'x']", Value::Array{1, Value(), "x"}},
        {"({ a: 1, b: undefined, __proto__: { c: 1 } })", Value::Object{{"a", 1}, {"b", Value()}}},
        {"new Map([[1, { a: 2 }], ['x', new Set([1])]])",
         Value::Map{{{1, Value::Object{{"a", 2}}}, {"x", Value::Set{{1}}}}}},
        {"new (class P { #x = 1; y = 2; })", Value::Object{{"y", 2}}},
        {"({ toJSON() { return 5; } })", 5},
        {"new Number(3)", 3},
        {"Object('text')", "text"},
        {"Promise.resolve(1)", 1},
    };
    for (const auto& [code, value] : cases) EXPECT_EQ(call(std::string("return ") + code), value) << code;
}

TEST_F(ValuesTest, GoInAsTheyAre) {
    const Value event = Value::Object{
        {"u", Value()},
        {"nan", std::nan("")},
        {"zero", -0.0},
        {"big", ~0ULL},
        {"d", Value::Date{5.0}},
        {"r", Value::RegExp{"a+", "g"}},
        {"m", Value::Map{{{1, 2}}}},
        {"s", Value::Set{{1}}},
        {"b", std::vector<std::byte>(3)},
        {"f", Value::Bytes{std::vector<std::byte>(16), Value::View::float64}},
        {"e",
         Value::Exception{.name = "RangeError", .message = "m", .stack = "s", .fields = {{"cause", 1}, {"code", 2}}}},
        {"__proto__", 7},
        {"toString", 8}};
    EXPECT_EQ(
        call("return [ 'u' in event, event.u === undefined, Object.is(event.nan, NaN), Object.is(event.zero, -0),"
             "event.big === 2n ** 64n - 1n, event.d instanceof Date && event.d.getTime() === 5,"
             "event.r instanceof RegExp && event.r.exec('baa')[0] === 'aa', event.m instanceof Map && event.m.get(1) "
             "=== 2,"
             "event.s instanceof Set && event.s.has(1), event.b instanceof Uint8Array && event.b.length === 3,"
             "event.f instanceof Float64Array && event.f.length === 2,"
             "event.e instanceof RangeError && event.e.message === 'm' && event.e.stack === 's' && event.e.cause === 1 "
             "&& event.e.code === 2,"
             "Object.keys(event.e).join() === 'code', Object.hasOwn(event, '__proto__') && event['__proto__'] === 7,"
             "event.toString === 8, Object.getPrototypeOf(event) === Object.prototype ].every(Boolean)",
             event),
        Value(true));
}

TEST_F(ValuesTest, KeepWhatIsSharedAndWhatContainsItself) {
    const Value part = Value::Object{{"x", 1}};
    EXPECT_EQ(call("return event[0] === event[1].y", Value::Array{part, Value::Object{{"y", part}}}), Value(true));
    const Value shared = call("const a = { x: 1 }; return [a, { y: a }, a];");
    EXPECT_EQ(shared[0].get_if<Value::Object>(), shared[1]["y"].get_if<Value::Object>());
    const Value cycle = call("const a = { list: [] }; a.list.push(a); return a;");
    EXPECT_EQ(cycle["list"][0], Value(Value::Cycle{cycle.label()}));
    EXPECT_EQ(call("return event.list[0] === event && event;", cycle), cycle);
    EXPECT_EQ(call("const m = new Map(); m.set(m, [m]); return m;").kind(), Value::Kind::map);
}

TEST_F(ValuesTest, ErrorsPassAsValues) {
    const Value value = call("return Object.assign(new TypeError('no', { cause: new Error('why') }), { code: 5 })");
    const auto* error = value.get_if<Value::Exception>();
    ASSERT_NE(error, nullptr);
    EXPECT_EQ(error->name, "TypeError");
    EXPECT_EQ(error->message, "no");
    EXPECT_THAT(error->stack, HasSubstr("test.js:1"));
    ASSERT_EQ(error->fields.size(), 2);
    EXPECT_EQ(error->fields[0], Value::Member("code", 5));
    EXPECT_EQ(error->fields[1].second.get_if<Value::Exception>()->message, "why");
}

TEST_F(ValuesTest, NameThePlaceOfWhatCannotPass) {
    const struct {
        const char* code;
        const char* what;
    } cases[] = {
        {"return () => 1", "TypeError: the handler's result is a function, which cannot be passed to the host"},
        {"return { a: [1, { f() {} }] }", "holds a function at .a[1].f, which"},
        {"return { a: Symbol() }", "holds a symbol at .a, which"},
        {"return { 'a b': Promise.resolve() }", "holds a Promise at [\"a b\"], which"},
        {"return [new WeakMap()]", "holds a WeakMap at [0], which"},
        {"return new Map([[1, () => 1]])", "holds a function at [member], which"},
        {"return { text: 'a\\ud800' }", "holds a string with half of a surrogate pair at .text"},
        {"return (function* () {})()", "enerator"},
        {"let a = []; const top = a; for (let i = 0; i < 300; ++i) { a.push([]); a = a[0]; } return top;",
         "nested deeper than 200 levels"},
        {"return { get x() { throw new Error('mine'); } }", "Error: mine"},
    };
    for (const auto& [code, what] : cases) {
        const Error error = error_of(code);
        EXPECT_EQ(error.code, ErrorCode::handler_error) << code;
        EXPECT_THAT(error.message, HasSubstr(what)) << code;
    }
}

TEST_F(ValuesTest, ComeBackEqualWhateverTheyAre) {
    auto loaded = load_script("export const handler = (event) => event;");
    value::testing::RandomValues random(7);
    for (int i = 0; i < 1000; ++i) {
        const Value value = random.value(0);
        const auto done = loaded.handle_event("main", value);
        const auto cbor = value.to_cbor();
        ASSERT_TRUE(done) << done.error().message;
        ASSERT_EQ(done->result, value) << i << ": " << ::testing::PrintToString(*done->result.to_cbor()) << "\n"
                                       << ::testing::PrintToString(*cbor);
    }
}

TEST_F(ValuesTest, PassAsBytesOfTheCaller) {
    auto loaded = load_script("export const handler = (event) => [event];");
    const auto done = loaded.handle_event("main",
                                          std::string_view("\x63"
                                                           "abc",
                                                           4),
                                          std::tuple{}, {.format = ValueFormat::cbor});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->result,
              "\x81\x63"
              "abc");
    for (const auto& [cbor, what] : {std::pair{std::string("\x63"
                                                           "ab"),
                                               "a string of 3 bytes, of which 2 are there, at offset 0"},
                                     {std::string("\x81\xff"), "at offset 1"},
                                     {std::string(), "at offset 0"},
                                     {std::string(300, '\x81') + '\0', "deeper than 200 levels"},
                                     {std::string("\xd8\x23\x61("), "the event cannot become a value: SyntaxError"}}) {
        const auto bad = loaded.handle_event("main", cbor, std::tuple{}, {.format = ValueFormat::cbor});
        ASSERT_FALSE(bad) << what;
        EXPECT_EQ(bad.error().code, ErrorCode::invalid_argument) << bad.error().message;
        EXPECT_FALSE(bad.error().ran);
        EXPECT_THAT(bad.error().message, HasSubstr(what));
        EXPECT_THAT(bad.error().message, HasSubstr("the event"));
    }
    EXPECT_TRUE(loaded.handle_event("main", "1"));
}

TEST_F(ValuesTest, OfManyBytesPassWhole) {
    const Value event = std::vector<std::byte>(2 << 20, std::byte{7});
    EXPECT_EQ(call("return event", event), event);
    EXPECT_EQ(call("return event.length", event), Value(2 << 20));
}

// --- What JSON cannot hold ---

TEST_F(ValuesTest, JsonSaysWhatItCannotHold) {
    const struct {
        const char* code;
        const char* what;
    } cases[] = {
        {"new Map([[1, 2]])", "is a Map, which JSON cannot hold"},
        {"({ list: [Promise.resolve(1)] })", "holds a Promise at .list[0], which JSON cannot hold"},
        {"[[new Set([1])]]", "holds a Set at [0][0]"},
        {"({ e: new Error('x') })", "holds an Error at .e"},
        {"({ a: { b: new ArrayBuffer(2) } })", "holds an ArrayBuffer at .a.b"},
        {"[new WeakMap()]", "holds a WeakMap at [0]"},
        {"[/x/]", "holds a RegExp at [0]"},
        {"[(function* () {})()]", "enerator at [0]"},
    };
    for (const auto& [code, what] : cases) {
        auto loaded = load_script(std::string("export const handler = () => ") + code + ";");
        const auto done = loaded.handle_event("main", "null");
        ASSERT_FALSE(done) << code << done->result;
        EXPECT_EQ(done.error().code, ErrorCode::handler_error);
        EXPECT_THAT(done.error().message, HasSubstr(what)) << code;
    }
}

TEST_F(ValuesTest, JsonGoesOnForAllElse) {
    const struct {
        const char* code;
        const char* json;
    } cases[] = {
        {"({})", "{}"},
        {"[{}, {}]", "[{},{}]"},
        {"({ a: {}, b: '{}' })", R"({"a":{},"b":"{}"})"},
        {"new (class Empty {})", "{}"},
        {"({ e: {}, d: new Date(0) })", R"({"e":{},"d":"1970-01-01T00:00:00.000Z"})"},
        {"({ m: Object.assign(new Map(), { toJSON: () => 'map' }), e: {} })", R"({"m":"map","e":{}})"},
        {"({ e: Object.assign(new Error('x'), { code: 5 }), o: {} })", R"({"e":{"code":5},"o":{}})"},
        {"({ u: undefined, f() {}, o: {} })", R"({"o":{}})"},
        {"(() => { const a = {}; return [a, a, new Uint8Array(0)]; })()", "[{},{},{}]"},
        {"Object.create(null)", "{}"},
    };
    for (const auto& [code, json] : cases) {
        auto loaded = load_script(std::string("export const handler = () => ") + code + ";");
        const auto done = loaded.handle_event("main", "null");
        ASSERT_TRUE(done) << code << done.error().message;
        EXPECT_EQ(done->result, json) << code;
    }
}

}  // namespace
}  // namespace curfew
