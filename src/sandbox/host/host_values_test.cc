// Values beyond JSON as arguments and results of host functions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include <curfew/async.h>
#include <curfew/curfew.h>
#include <curfew/host/values.h>
#include <curfew/reply.h>

#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using ::testing::HasSubstr;
using Bytes = std::vector<std::byte>;

class HostValuesTest : public ::testing::Test {
  protected:
    void SetUp() override {
        auto proto = SandboxBuilder().build();
        ASSERT_TRUE(proto);
        proto->host_module("h")
            .add("echo", [](const Value& value) { return value; })
            .add("kind", [](const Value& value) { return static_cast<int>(value.kind()); })
            .add("mixed",
                 [](int number, std::string text, const Bytes& bytes, std::optional<Value> value) {
                     return text + std::to_string(number) + "/" + std::to_string(bytes.size()) +
                            (value ? "/value" : "");
                 })
            .add("pack",
                 [](const std::map<std::string, Bytes>& files) {
                     std::vector<Bytes> all;
                     for (const auto& [name, bytes] : files) all.push_back(bytes);
                     return all;
                 })
            .add("numbers", [](const std::vector<double>& list, const Value&) { return list.size(); })
            .add("fails", [](const Value&) -> Result<Value> { return std::unexpected(Error{.message = "not today"}); })
            .add("broken", []() { return Value("\xff"); })
            .add_async("later", [](Value value, Reply<Value> reply) { reply.send(value); })
            .add_async("coroutine", [](Value value) -> Async<Value> { co_return value; })
            .add_cbor("cbor",
                      [](const CallContext&, std::string_view cbor) { return HostValue::cbor(std::string(cbor)); })
            .add_cbor("no_cbor", [](const CallContext&, std::string_view) { return HostValue::cbor("\x82\x01"); })
            .add_cbor_async("cbor_later", [](const CallContext&, std::string_view cbor, Reply<HostValue> reply) {
                reply.send(HostValue::cbor(std::string(cbor)));
            });
        auto sandbox = std::move(*proto).load_runtime();
        ASSERT_TRUE(sandbox) << sandbox.error().message;
        ASSERT_TRUE(sandbox->add_handler("f", Script::from_content(R"(
            import * as h from "host:h";
            export async function handler(event) { return await new Function('h', `return (async () => { ${event} })()`)(h); })")));
        auto loaded = std::move(*sandbox).load();
        ASSERT_TRUE(loaded) << loaded.error().message;
        loaded_.emplace(std::move(*loaded));
    }

    Value call(const std::string& body) {
        auto done = loaded_->handle_event("f", Value(body));
        EXPECT_TRUE(done) << body << ": " << done.error().message;
        return done ? done->result : Value("failed");
    }
    std::string error_of(const std::string& body) {
        auto done = loaded_->handle_event("f", Value(body));
        EXPECT_FALSE(done) << body;
        return done ? "" : done.error().message;
    }

    std::optional<LoadedSandbox> loaded_;
};

TEST_F(HostValuesTest, PassInBothDirections) {
    EXPECT_EQ(call("const m = new Map([[1n, new Date(5)]]); const back = h.echo({ m, n: NaN, z: -0, u: undefined, b: "
                   "new Uint8Array(3) });"
                   "return [back.m instanceof Map, back.m.get(1n).getTime(), back.n !== back.n, Object.is(back.z, -0), "
                   "'u' in back, back.b.length];"),
              Value(Value::Array{true, 5, true, true, true, 3}));
    EXPECT_EQ(call("const a = {}; a.a = a; const b = h.echo(a); return b.a === b;"), Value(true));
    EXPECT_EQ(call("return h.kind(undefined)"), Value(static_cast<int>(Value::Kind::undefined)));
    EXPECT_EQ(call("return h.kind(12n)"), Value(static_cast<int>(Value::Kind::bigint)));
    EXPECT_EQ(call("return h.kind(new Float64Array(2))"), Value(static_cast<int>(Value::Kind::bytes)));
    EXPECT_EQ(call("return (await h.later(new Set([1]))).has(1)"), Value(true));
}

TEST_F(HostValuesTest, LeaveOtherParametersAsTheyAre) {
    EXPECT_EQ(call("return h.mixed(7, 'a\"b', new Uint8Array(4))"), Value("a\"b7/4"));
    EXPECT_EQ(call("return h.mixed(7, 'x', new Uint8Array(4), new Map())"), Value("x7/4/value"));
    EXPECT_EQ(call("return h.numbers([1.5, 2], null)"), Value(2));
    EXPECT_THAT(error_of("h.mixed(7.5, 'x', new Uint8Array(4))"),
                HasSubstr("h.mixed: argument 1 should be an integer, but is 7.5"));
    EXPECT_THAT(error_of("h.mixed(7n, 'x', new Uint8Array(4))"),
                HasSubstr("argument 1 should be an integer, but is a BigInt"));
    EXPECT_THAT(error_of("h.mixed(7, new Map(), new Uint8Array(4))"),
                HasSubstr("argument 2 should be a string, but is a Map"));
    EXPECT_THAT(error_of("h.mixed(7, 'x', [1])"), HasSubstr("argument 3 should be bytes, but is an array"));
    EXPECT_THAT(error_of("h.numbers(new Set(), null)"),
                HasSubstr("argument 1 does not have the form that is wanted: a Set"));
    EXPECT_THAT(error_of("h.mixed(7)"), HasSubstr("h.mixed takes 3 to 4 arguments, but was called with 1"));
}

TEST_F(HostValuesTest, PassAsynchronously) {
    EXPECT_EQ(call("return Promise.all([h.later(new Map([[1, NaN]])), h.coroutine(undefined)])"),
              Value(Value::Array{Value::Map{{{1, std::nan("")}}}, Value()}));
}

TEST_F(HostValuesTest, PassAsCborForWhoConvertsThem) {
    EXPECT_EQ(
        call("return h.cbor(1n, undefined, [new Uint8Array(1)])"),
        Value(Value::Array{Value::BigInt{false, {std::byte{1}}}, Value(), Value::Array{std::vector<std::byte>(1)}}));
    EXPECT_EQ(call("return h.cbor()"), Value(Value::Array{}));
    EXPECT_EQ(call("const o = { a: 1 }; const [x, y] = await h.cbor_later(o, o); return x === y"), Value(true));
    EXPECT_THAT(error_of("h.no_cbor()"), HasSubstr("what it returned is not CBOR that can be read: "));
}

TEST_F(HostValuesTest, HoldBytesInside) {
    EXPECT_EQ(call("return h.pack({ b: new Uint8Array([2]), a: new Uint8Array([1, 1]) }).map((bytes) => bytes.length)"),
              Value(Value::Array{2, 1}));
    EXPECT_THAT(error_of("h.pack({ a: 5 })"), HasSubstr("argument 1 at key \"a\" should be bytes, but is a number"));
}

TEST_F(HostValuesTest, SayWhatIsWrong) {
    EXPECT_THAT(error_of("h.fails(1)"), HasSubstr("not today"));
    EXPECT_THAT(error_of("h.broken()"),
                HasSubstr("what it returned cannot be passed: a text in the value is not UTF-8"));
    EXPECT_THAT(
        error_of("h.echo({ a: [() => 1] })"),
        HasSubstr("the argument list of \"echo\" of the host module \"h\" holds a function at [0].a[0], which"));
    EXPECT_THAT(error_of("h.echo('\\ud800')"), HasSubstr("half of a surrogate pair at [0]"));
    EXPECT_THAT(error_of("h.echo(Array(200_000).fill(1))"), HasSubstr("came in a wrong form"));
}

}  // namespace
}  // namespace curfew
