#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include <curfew/value.h>

namespace curfew {
namespace {

using testing::HasSubstr;

std::string json(const Value& value) { return value.to_json().value_or("?"); }
std::string why_no_json(const Value& value) { return value.to_json().error().message; }

TEST(Value, HoldsWhatItWasMadeOf) {
    EXPECT_TRUE(Value().is_undefined());
    EXPECT_TRUE(Value(nullptr).is_null());
    EXPECT_EQ(*Value(true).get_if<bool>(), true);
    EXPECT_EQ(*Value(-7).get_if<double>(), -7);
    EXPECT_EQ(*Value("x").get_if<std::string>(), "x");
    EXPECT_EQ(Value("x").get_if<double>(), nullptr);
    EXPECT_EQ(Value(std::uint64_t{1} << 53U).kind(), Value::Kind::number);
    EXPECT_EQ(Value((std::uint64_t{1} << 53U) + 1).kind(), Value::Kind::bigint);
    const Value least(std::numeric_limits<std::int64_t>::min());
    ASSERT_EQ(least.kind(), Value::Kind::bigint);
    EXPECT_TRUE(least.get_if<Value::BigInt>()->negative);
    EXPECT_EQ(least.get_if<Value::BigInt>()->magnitude.size(), 8);
    EXPECT_EQ(Value(Value::Map{}).kind(), Value::Kind::map);
    EXPECT_EQ(Value(std::vector<std::byte>(3)).get_if<Value::Bytes>()->data.size(), 3);
}

TEST(Value, GivesMembersAndItems) {
    const Value value = Value::Object{{"list", Value::Array{1, "two"}}};
    EXPECT_EQ(value["list"][1], Value("two"));
    EXPECT_TRUE(value["list"][2].is_undefined());
    EXPECT_TRUE(value["list"][-1].is_undefined());
    EXPECT_TRUE(value["nothing"]["below"][3].is_undefined());
}

TEST(Value, IsEqualAsObjectIsHasIt) {
    EXPECT_EQ(Value(std::nan("")), Value(std::numeric_limits<double>::quiet_NaN()));
    EXPECT_NE(Value(0.0), Value(-0.0));
    EXPECT_NE(Value(0), Value(false));
    EXPECT_NE(Value(), Value(nullptr));
    EXPECT_EQ(Value(Value::Set{{1, 2}}), Value(Value::Set{{1, 2}}));
    EXPECT_NE(Value(Value::Object{{"a", 1}}), Value(Value::Object{{"a", 2}}));
}

TEST(Value, IsWrittenAsJsonWhereJsonCanHoldIt) {
    EXPECT_EQ(json(Value::Object{{"a", Value()}, {"b", Value::Array{Value(), std::nan(""), -0.0, 1e300, 0.1}}}),
              R"({"b":[null,null,0,1e+300,0.1]})");
    EXPECT_EQ(json("a\"\\\n\x01\u00e9"), "\"a\\\"\\\\\\u000a\\u0001\u00e9\"");
    EXPECT_EQ(json(Value::Date{1766599200123}), "\"2025-12-24T18:00:00.123Z\"");
    EXPECT_EQ(json(Value::Date{-8.64e15}), "\"-271821-04-20T00:00:00.000Z\"");
    EXPECT_EQ(json(Value::Date{8.64e15}), "\"+275760-09-13T00:00:00.000Z\"");
    EXPECT_EQ(json(Value::Date{std::nan("")}), "null");
    EXPECT_THAT(why_no_json(Value::Object{{"a", Value::Array{1, Value::Map{}}}}),
                HasSubstr("a Map cannot be written as JSON, at .a[1]"));
    for (const Value& none : {Value(Value::BigInt{}), Value(Value::Bytes{}), Value(Value::RegExp{}),
                              Value(Value::Set{}), Value(Value::Exception{}), Value(Value::Cycle{1}), Value("\xff")}) {
        EXPECT_THAT(why_no_json(none), HasSubstr("cannot be written as JSON"));
    }
    // Parts that are shared multiply.
    Value many = Value::Array{"0123456789"};
    for (int i = 0; i < 40; ++i) many = Value::Array{many, many};
    EXPECT_FALSE(many.to_json(1 << 20));
}

TEST(Value, ReadsJson) {
    const auto read =
        Value::from_json(R"({"a":[1,-2.5,"x\u00e9",null,true],"b":1,"b":{"c":3},"big":12345678901234567890})");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, Value(Value::Object{{"a", Value::Array{1, -2.5, "x\u00e9", nullptr, true}},
                                         {"b", Value::Object{{"c", 3}}},
                                         {"big", 12345678901234567890.0}}));
    std::string members;
    for (int i = 0; i < 100; ++i) members += "\"" + std::to_string(i % 50) + "\":" + std::to_string(i) + ",";
    const auto twice = Value::from_json("{" + members + "\"0\":-1}");
    ASSERT_TRUE(twice);
    EXPECT_EQ(twice->get_if<Value::Object>()->size(), 50);
    EXPECT_EQ((*twice)["0"], Value(-1));
    EXPECT_EQ((*twice)["49"], Value(99));

    for (const auto& [text, what] : {std::pair{R"([1,)", "at offset 3"},
                                     {R"(["\ud800"])", "half of a surrogate pair"},
                                     {"", "cannot stand here"},
                                     {"[[[1]]]", "deeper than 2 levels"},
                                     {"[1,2,3,4,5,6]", "more than 5 values"}}) {
        const auto bad = Value::from_json(text, {.depth = 2, .values = 5});
        ASSERT_FALSE(bad) << text;
        EXPECT_EQ(bad.error().code, ErrorCode::invalid_argument);
        EXPECT_THAT(bad.error().message, HasSubstr(what));
    }
}

TEST(ValueJson, ShowsWhatJsonCannotHold) {
    const struct {
        Value value;
        const char* shown;
    } cases[] = {
        {Value(), R"({"$undefined":true})"},
        {-HUGE_VAL, R"({"$number":"-Infinity"})"},
        {-0.0, "-0"},
        {Value::BigInt{true, {std::byte{1}, std::byte{0xab}}}, R"({"$bigint":"-0x01ab"})"},
        {Value::BigInt{}, R"({"$bigint":"0x0"})"},
        {std::vector<std::byte>{std::byte{255}}, R"({"$bytes":"/w=="})"},
        {Value::Date{0}, R"("1970-01-01T00:00:00.000Z")"},
        {Value::RegExp{"a\"", "g"}, R"({"$regexp":"/a\"/g"})"},
        {Value::Map{{{1, Value::Set{{2}}}, {"a", nullptr}}}, R"({"$map":[[1,{"$set":[2]}],["a",null]]})"},
        {Value::Exception{"TypeError", "no", "", {}}, R"({"$error":"TypeError: no"})"},
        {Value::Exception{"E", "no", "", {{"code", 1}}}, R"({"$error":"E: no","fields":{"code":1}})"},
        {Value::Object{{"a", Value::Cycle{3}}}, R"({"a":{"$cycle":3}})"},
        {"\xff", "\"\xef\xbf\xbd\""},
    };
    for (const auto& [value, shown] : cases) EXPECT_EQ(value.to_shown_json().value_or("no"), shown);
    EXPECT_FALSE(Value(Value::Array{"a long text", 1, 2}).to_shown_json(8));
}

}  // namespace
}  // namespace curfew
