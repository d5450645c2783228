// Waiting invocations whose events, open calls, answers and results are values beyond JSON.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include <curfew/host/values.h>
#include <curfew/value.h>

#include "sandbox/pending/test_support.h"

namespace curfew {
namespace {

namespace fs = std::filesystem;
using sandbox::testing::load_with;
using sandbox::testing::outcome;
using ::testing::HasSubstr;

constexpr const char* kAsks = R"(
    import { look, plain } from 'tools';
    export async function handler(event) {
        const seen = await look(event, 7n, new Uint8Array([1, 2]));
        return { seen, plain: await plain('x') };
    })";

ProtoSandbox host() {
    auto proto = SandboxBuilder().build();
    EXPECT_TRUE(proto) << proto.error().message;
    proto->host_module("tools")
        .add_deferred<Value(Value, Value, std::vector<std::byte>)>("look")
        .add_deferred<bool(std::string)>("plain");
    return std::move(*proto);
}

// Answers the calls of kAsks, and looks at what is shown of them.
Result<ValueResult> answer_both(PendingInvocation& invocation, const Value& event) {
    const auto open = invocation.open_calls();
    EXPECT_EQ(open.size(), 1U);
    if (open.size() != 1) return std::unexpected(Error{});
    EXPECT_THAT(open[0].arguments, HasSubstr(R"({"$bigint":"0x07"},{"$bytes":"AQI="}])"));
    const auto arguments = Value::from_cbor(open[0].values);
    EXPECT_TRUE(arguments);
    EXPECT_EQ(arguments ? (*arguments)[0] : Value("none"), event);
    EXPECT_TRUE(invocation.resume(open[0].id, Value(Value::Map{{{Value(1), Value(std::nan(""))}}})));
    const auto next = invocation.open_calls();
    EXPECT_EQ(next.size(), 1U);
    if (next.size() != 1) return std::unexpected(Error{});
    EXPECT_EQ(next[0].arguments, R"(["x"])");
    EXPECT_EQ(next[0].values, "");
    EXPECT_TRUE(invocation.resume(next[0].id, Value(Value::Date{5})));
    return invocation.value_result();
}

const Value& expected() {
    static const Value value =
        Value::Object{{"seen", Value::Map{{{Value(1), Value(std::nan(""))}}}}, {"plain", Value::Date{5}}};
    return value;
}

TEST(PendingValues, PassInAndOutOfADeferredFunction) {
    LoadedSandbox sandbox = load_with(host(), kAsks);
    const Value event = Value::Object{{"since", Value::Date{1}}, {"none", Value()}};
    auto invocation = sandbox.begin_event("main", event);
    ASSERT_TRUE(invocation) << invocation.error().message;
    const auto done = answer_both(*invocation, event);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->result, expected());
}

TEST(PendingValues, GoOnFromAFileInTheSameFormat) {
    std::string name = ::testing::TempDir() + "curfew_values_XXXXXX";
    const fs::path folder = ::mkdtemp(name.data());
    const Value event = Value::Object{{"big", Value(~0ULL)}};
    {
        LoadedSandbox sandbox = load_with(host(), kAsks);
        auto invocation = sandbox.begin_event("main", event);
        ASSERT_TRUE(invocation) << invocation.error().message;
        const auto saved = sandbox.snapshot();
        ASSERT_TRUE(saved);
        ASSERT_TRUE(saved->save(folder / "a.snap"));
    }
    const auto snapshot = Snapshot::load(folder / "a.snap");
    fs::remove_all(folder);
    ASSERT_TRUE(snapshot) << snapshot.error().message;
    const auto host_of_another_day = host();
    auto sandbox = LoadedSandbox::from_snapshot(*snapshot, host_of_another_day);
    ASSERT_TRUE(sandbox) << sandbox.error().message;
    auto invocation = sandbox->continue_event();
    ASSERT_TRUE(invocation) << invocation.error().message;
    const auto done = answer_both(*invocation, event);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->result, expected());
}

TEST(PendingValues, CanBeAnAnswerWhereTheEventWasJson) {
    LoadedSandbox sandbox = load_with(host(), R"(
        import { plain } from 'tools';
        export const handler = async () => Object.prototype.toString.call(await plain('x'));)");
    auto invocation = sandbox.begin_event("main", "null");
    ASSERT_TRUE(invocation);
    EXPECT_TRUE(invocation->resume(invocation->open_calls().at(0).id, Value(Value::Set{{1}})));
    EXPECT_EQ(outcome(invocation->result()), R"("[object Set]")");
}

TEST(PendingValues, AreRefusedWhereTheyCannotPass) {
    LoadedSandbox sandbox = load_with(host(), kAsks);
    EXPECT_FALSE(sandbox.begin_event("main", Value("\xff")));
    const auto wrong = sandbox.begin_event("main", "\x82\x01", std::tuple<>(), {.format = ValueFormat::cbor});
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(wrong.error().message, HasSubstr("the event is not CBOR that can be read"));

    auto invocation = sandbox.begin_event("main", Value(1));
    ASSERT_TRUE(invocation) << invocation.error().message;
    const std::uint32_t id = invocation->open_calls().at(0).id;
    const auto text = invocation->resume(id, Value("\xff"));
    ASSERT_FALSE(text);
    EXPECT_THAT(text.error().message, HasSubstr("cannot be passed: a text in the value is not UTF-8"));
    for (const std::string_view cbor :
         {std::string_view(), std::string_view("\x01\x01"), std::string_view("\x5a\xff")}) {
        const auto bytes = invocation->resume_cbor(id, cbor);
        ASSERT_FALSE(bytes);
        EXPECT_EQ(bytes.error().code, ErrorCode::invalid_argument);
        EXPECT_THAT(bytes.error().message, HasSubstr("is not CBOR that can be read"));
    }
    EXPECT_FALSE(invocation->resume(id + 1, Value(1)));
    EXPECT_TRUE(invocation->resume(id, Value(1)));
    EXPECT_TRUE(invocation->resume(invocation->open_calls().at(0).id, "true"));
    const auto done = invocation->value_result();
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->result["plain"], Value(true));
}

TEST(PendingValues, AreCheckedWhenTheGuestPassesThem) {
    LoadedSandbox sandbox = load_with(host(), R"(
        import { look } from 'tools';
        export const handler = async (event) => { try { return await look(1, 2); } catch (e) { return e.message; } };)");
    auto invocation = sandbox.begin_event("main", Value(1));
    ASSERT_TRUE(invocation) << invocation.error().message;
    const auto done = invocation->value_result();
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->result, Value("tools.look takes 3 arguments, but was called with 2"));
}

}  // namespace
}  // namespace curfew
