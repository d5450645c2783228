#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include <curfew/value.h>

#include "value/cbor_reader.h"
#include "value/testing/random_value.h"

namespace curfew {
namespace {

using ::testing::HasSubstr;
using value::testing::RandomValues;

std::string bytes(std::string_view hex) {
    std::string out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    }
    return out;
}
std::string hex(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4U];
        out += "0123456789abcdef"[static_cast<unsigned char>(c) & 15U];
    }
    return out;
}
std::string encoded(const Value& value) {
    const auto done = value.to_cbor();
    return done ? hex(*done) : done.error().message;
}
Value decoded(std::string_view text) {
    auto done = Value::from_cbor(bytes(text));
    EXPECT_TRUE(done) << done.error().message;
    return done ? *done : Value("?");
}

TEST(Cbor, IsWrittenAsTheStandardHasIt) {
    const struct {
        Value value;
        const char* cbor;
    } cases[] = {
        {0, "00"},
        {23, "17"},
        {24, "1818"},
        {1000, "1903e8"},
        {1000000, "1a000f4240"},
        {1000000000000, "1b000000e8d4a51000"},
        {-1, "20"},
        {-1000, "3903e7"},
        {1.5, "fb3ff8000000000000"},
        {-0.0, "f98000"},
        {std::nan(""), "f97e00"},
        {std::numeric_limits<double>::infinity(), "f97c00"},
        {-std::numeric_limits<double>::infinity(), "f9fc00"},
        {18446744073709551615ULL, "c248ffffffffffffffff"},
        {std::numeric_limits<std::int64_t>::min(), "c3477fffffffffffffff"},
        {Value::BigInt{}, "c240"},
        {false, "f4"},
        {true, "f5"},
        {nullptr, "f6"},
        {Value(), "f7"},
        {"\u00fc", "62c3bc"},
        {Value::Bytes{{std::byte{1}, std::byte{2}}}, "420102"},
        {Value::Bytes{{std::byte{1}, std::byte{2}}, Value::View::uint16}, "d845420102"},
        {Value::Bytes{{std::byte{1}}, Value::View::array_buffer}, "d81b826b41727261794275666665724101"},
        {Value::Array{1, Value::Array{2}}, "82018102"},
        {Value::Object{{"a", 1}}, "a1616101"},
        {Value::Map{{{"a", 1}}}, "d90103a1616101"},
        {Value::Set{{1}}, "d901028101"},
        {Value::Date{1363896240000}, "c11a514b67b0"},
        {Value::Date{1363896240500}, "c1fb41d452d9ec200000"},
        {Value::RegExp{"a", "g"}, "d9524a8261616167"},
        {Value::Exception{.name = "E", .message = "m", .stack = "s"},
         "d81b826145a2676d657373616765616d65737461636b6173"},
    };
    for (const auto& [value, cbor] : cases) {
        // A magnitude that is one less for negative ones may have a byte less.
        if (value.kind() != Value::Kind::bigint || !value.get_if<Value::BigInt>()->negative) {
            EXPECT_EQ(encoded(value), cbor);
        }
        const auto back = Value::from_cbor(*value.to_cbor());
        ASSERT_TRUE(back) << cbor << back.error().message;
        EXPECT_EQ(*back, value) << cbor;
        EXPECT_TRUE(value::check_cbor(*value.to_cbor(), 200)) << cbor;
    }
}

TEST(Cbor, TakesOtherFormsOfTheSame) {
    EXPECT_EQ(decoded("1900ff"), Value(255));
    EXPECT_EQ(decoded("1bffffffffffffffff"), Value(18446744073709551615ULL));
    EXPECT_EQ(decoded("3bffffffffffffffff"),
              Value(Value::BigInt{.negative = true, .magnitude = {std::byte{1}, {}, {}, {}, {}, {}, {}, {}, {}}}));
    EXPECT_EQ(decoded("f93c00"), Value(1.0));
    EXPECT_EQ(decoded("f90001"), Value(5.960464477539063e-8));
    EXPECT_EQ(decoded("fa47c35000"), Value(100000.0));
    EXPECT_EQ(decoded("5f42010243030405ff"),
              Value(Value::Bytes{{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}, std::byte{5}}}));
    EXPECT_EQ(decoded("7f657374726561646d696e67ff"), Value("streaming"));
    EXPECT_EQ(decoded("9f0102ff"), Value(Value::Array{1, 2}));
    EXPECT_EQ(decoded("bf616101ff"), Value(Value::Object{{"a", 1}}));
    EXPECT_EQ(decoded("a201026161f4"), Value(Value::Map{{{1, 2}, {"a", false}}}));
    EXPECT_EQ(decoded("c074323031332d30332d32315432303a30343a30305a"), Value(Value::Date{1363896240000}));
    EXPECT_EQ(decoded("d9d9f700"), Value(0));
    EXPECT_EQ(decoded("d8236161"), Value(Value::RegExp{.source = "a"}));
}

TEST(Cbor, SharesWhatIsShared) {
    const Value part = Value::Object{{"x", 1}};
    const Value whole = Value::Array{part, part, Value::Object{{"y", part}}};
    const auto cbor = whole.to_cbor();
    ASSERT_TRUE(cbor);
    EXPECT_EQ(hex(*cbor), "83d81ca1617801d81d1a00000000a16179d81d1a00000000");
    const auto back = Value::from_cbor(*cbor);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, whole);
    EXPECT_TRUE((*back)[0].is_shared());
    EXPECT_EQ((*back)[0].get_if<Value::Object>(), (*back)[2]["y"].get_if<Value::Object>());
    EXPECT_EQ(*back->to_cbor(), *cbor);
}

TEST(Cbor, HoldsWhatContainsItself) {
    // let a = { list: [] }; a.list.push(a, a.list)
    const Value value = decoded("d81ca1646c697374d81c82d81d00d81d01");
    EXPECT_EQ(value.label(), 1);
    EXPECT_EQ(value["list"][0], Value(Value::Cycle{1}));
    EXPECT_EQ(value["list"][1], Value(Value::Cycle{2}));
    const auto again = value.to_cbor();
    ASSERT_TRUE(again);
    EXPECT_EQ(*Value::from_cbor(*again), value);
    EXPECT_THAT(Value(Value::Cycle{7}).to_cbor().error().message, HasSubstr("label"));
    // Labels are names only.
    EXPECT_EQ(decoded("82d81c00d81c81d81d01")[1], decoded("82d81c81d81d0000")[0]);
    EXPECT_NE(decoded("d81c81d81c81d81d00"), decoded("d81c81d81c81d81d01"));
}

TEST(Cbor, WritesErrorsWhoseStackIsNoText) {
    const Value value = Value::Exception{.name = "N", .message = "m", .stack = "", .fields = {{"stack", 5}}};
    const auto cbor = value.to_cbor();
    ASSERT_TRUE(cbor);
    EXPECT_EQ(hex(*cbor), "d81b82614ea2676d657373616765616d65737461636b05");
    EXPECT_EQ(decoded(hex(*cbor).c_str()), value);
}

TEST(Cbor, RefusesWhatIsWrongAndSaysWhere) {
    const struct {
        const char* cbor;
        const char* what;
    } cases[] = {
        {"", "ends where a value should begin, at offset 0"},
        {"18", "in the middle of a value, at offset 0"},
        {"8201", "an array of 2 items, for which there are only 1 bytes, at offset 0"},
        {"820118", "in the middle of a value, at offset 2"},
        {"1c", "no value begins with, at offset 0"},
        {"ff", "an end where nothing was begun, at offset 0"},
        {"0000", "more behind the value, at offset 1"},
        {"62c328", "text that is not UTF-8, at offset 1"},
        {"5b7fffffffffffffff00", "a string of 9223372036854775807 bytes, of which 1 are there, at offset 0"},
        {"9b7fffffffffffffff", "an array of 9223372036854775807 items"},
        {"bb7fffffffffffffff", "a map of"},
        {"a16161", ""},
        {"d81d00", "not marked before, at offset 0"},
        {"d81cd81d01", "not marked before"},
        {"d9ffff00", "tag 65535"},
        {"c26161", "tag 2 before a value of another kind"},
        {"c1f6", ""},
        {"d8454101", "no whole number of the array's items"},
        {"d84c4101", ""},
        {"d901020a", "tag 258"},
        {"7f4100ff", "a piece that is none"},
        {"e0", "no meaning"},
        {"f8ff", "no meaning"},
        {"d81b8161", ""},
        {"d9524a826161d81c6167", "a regular expression is an array of two texts"},
        {"d81b826b4172726179427566666572d81c40", ""},
    };
    for (const auto& [cbor, what] : cases) {
        const auto bad = Value::from_cbor(bytes(cbor));
        ASSERT_FALSE(bad) << cbor;
        EXPECT_EQ(bad.error().code, ErrorCode::invalid_argument);
        EXPECT_THAT(bad.error().message, HasSubstr(what)) << cbor;
        EXPECT_FALSE(value::check_cbor(bytes(cbor), 200)) << cbor;
    }
    EXPECT_THAT(Value::from_cbor(bytes("a2616101616102")).error().message, HasSubstr("a member twice"));
    EXPECT_THAT(Value::from_cbor(bytes("d81cd81d00")).error().message,
                HasSubstr("a mark before no value, at offset 0"));
    EXPECT_THAT(Value::from_cbor(bytes("c06161")).error().message, HasSubstr("RFC 3339"));
    EXPECT_THAT(Value::from_cbor(std::string(201, '\x81') + '\x01').error().message,
                HasSubstr("deeper than 200 levels, at offset 201"));
    EXPECT_FALSE(value::check_cbor(std::string(201, '\x81') + '\x01', 200));
    EXPECT_TRUE(value::check_cbor(std::string(200, '\x81') + '\x01', 200));
    EXPECT_THAT(Value::from_cbor(bytes("8401020304"), {.depth = 10, .values = 4}).error().message,
                HasSubstr("more than 4 values"));
    // Each level stands for twice the one below: small as bytes, too large as values.
    std::string many = "d81c8101";
    for (int i = 0; i < 40; ++i) {
        std::string next = "d81c82" + many;
        many = next + "d81d18" + hex(std::string(1, static_cast<char>(40 - i)));
    }
    EXPECT_THAT(Value::from_cbor(bytes(many)).error().message,
                ::testing::AnyOf(HasSubstr("more than 1000000 values"), HasSubstr("marked")));
    EXPECT_FALSE(Value("\xff").to_cbor());
    EXPECT_FALSE(Value(Value::Bytes{std::vector<std::byte>(3), Value::View::float64}).to_cbor());
    Value deep = 1;
    for (int i = 0; i < 2000; ++i) deep = Value::Array{deep};
    EXPECT_FALSE(deep.to_cbor());
}

// --- Random values and random bytes ---

TEST(Cbor, GivesBackWhateverWasPutIn) {
    RandomValues random(1);
    for (int i = 0; i < 3000; ++i) {
        const Value value = random.value(0);
        const auto cbor = value.to_cbor();
        ASSERT_TRUE(cbor) << cbor.error().message;
        const auto back = Value::from_cbor(*cbor);
        ASSERT_TRUE(back) << hex(*cbor) << ": " << back.error().message;
        ASSERT_EQ(*back, value) << hex(*cbor);
        ASSERT_TRUE(value::check_cbor(*cbor, 200)) << hex(*cbor);
    }
}

// What the check lets through, a guest has to make a value of: so it may not take more than the decoder does.
TEST(Cbor, IsCheckedAsItIsRead) {
    RandomValues random(2);
    int taken = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string cbor = *random.value(0).to_cbor();
        for (std::size_t k = random.below(4); k > 0 && !cbor.empty(); --k) {
            const std::size_t at = random.below(cbor.size());
            switch (random.below(3)) {
                case 0: cbor[at] = static_cast<char>(random.below(256)); break;
                case 1: cbor.erase(at, 1); break;
                default: cbor.insert(at, 1, static_cast<char>(random.below(256)));
            }
        }
        const auto checked = value::check_cbor(cbor, 200);
        const auto read = Value::from_cbor(cbor);
        if (read) {
            ASSERT_TRUE(checked) << hex(cbor) << ": " << checked.error().what;
            ++taken;
        } else if (checked) {
            EXPECT_THAT(read.error().message,
                        ::testing::AnyOf(HasSubstr("a member twice"), HasSubstr("a mark before no value"),
                                         HasSubstr("RFC 3339"), HasSubstr("values"), HasSubstr("not known here")))
                << hex(cbor);
        }
    }
    EXPECT_GT(taken, 1000);
}

}  // namespace
}  // namespace curfew
