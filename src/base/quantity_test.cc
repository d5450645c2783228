#include "base/quantity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace curfew::base {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(ParseDuration, TakesEveryUnit) {
    EXPECT_EQ(parse_duration("7ns").value(), 7ns);
    EXPECT_EQ(parse_duration("20us").value(), 20us);
    EXPECT_EQ(parse_duration("500ms").value(), 500ms);
    EXPECT_EQ(parse_duration("2s").value(), 2s);
    EXPECT_EQ(parse_duration("1m").value(), 1min);
    EXPECT_EQ(parse_duration("3h").value(), 3h);
}

TEST(ParseDuration, TakesDecimals) {
    EXPECT_EQ(parse_duration("1.5s").value(), 1500ms);
    EXPECT_EQ(parse_duration("0.1s").value(), 100ms);
    EXPECT_EQ(parse_duration("0.25us").value(), 250ns);
}

struct RefusedText {
    const char* text;
    const char* reason;
};

TEST(ParseDuration, SaysWhatIsWrongAndGivesAnExample) {
    for (const auto& [text, reason] :
         {RefusedText{"", "empty"}, RefusedText{"500", "unit is missing"},
          RefusedText{"ms", "does not start with a number"}, RefusedText{"-1s", "negative"},
          RefusedText{"0s", "more than zero"}, RefusedText{"0.1ns", "more than zero"},
          RefusedText{"5 s", "no unit \" s\""}, RefusedText{"5sec", "no unit \"sec\""},
          RefusedText{"1e3s", "no unit \"e3s\""}, RefusedText{"inf", "does not start with a number"},
          RefusedText{"nan", "does not start with a number"}, RefusedText{"+1s", "does not start"},
          RefusedText{"1.2.3s", "no unit \".3s\""}, RefusedText{"9999999999999h", "too large"},
          RefusedText{"9223372036854775807ns", "too large"}}) {
        const auto duration = parse_duration(text);
        ASSERT_FALSE(duration.has_value()) << text;
        EXPECT_EQ(duration.error().code, ErrorCode::invalid_argument);
        EXPECT_THAT(duration.error().message, HasSubstr("\"" + std::string(text) + "\" is not a duration"));
        EXPECT_THAT(duration.error().message, HasSubstr(reason));
        EXPECT_THAT(duration.error().message, HasSubstr("500ms"));
    }
}

TEST(ParseSize, TakesEveryUnit) {
    EXPECT_EQ(parse_size("65536").value(), 65536u);
    EXPECT_EQ(parse_size("12B").value(), 12u);
    EXPECT_EQ(parse_size("2KiB").value(), 2048u);
    EXPECT_EQ(parse_size("16MiB").value(), 16u << 20);
    EXPECT_EQ(parse_size("1.5GiB").value(), 3ull << 29);
    EXPECT_EQ(parse_size("2kB").value(), 2000u);
    EXPECT_EQ(parse_size("2KB").value(), 2000u);
    EXPECT_EQ(parse_size("64MB").value(), 64'000'000u);
    EXPECT_EQ(parse_size("1GB").value(), 1'000'000'000u);
}

TEST(ParseSize, SaysWhatIsWrong) {
    for (const auto& [text, reason] :
         {RefusedText{"", "empty"}, RefusedText{"MiB", "does not start"}, RefusedText{"16M", "no unit \"M\""},
          RefusedText{"-1MiB", "negative"}, RefusedText{"0", "more than zero"},
          RefusedText{"99999999999999999999", "too large"}, RefusedText{"99999999999GiB", "too large"}}) {
        const auto size = parse_size(text);
        ASSERT_FALSE(size.has_value()) << text;
        EXPECT_EQ(size.error().code, ErrorCode::invalid_argument);
        EXPECT_THAT(size.error().message, HasSubstr(reason));
        EXPECT_THAT(size.error().message, HasSubstr("16MiB"));
    }
}

TEST(ParseCount, TakesWholeNumbersWithinItsBounds) {
    EXPECT_EQ(parse_count("1", 10).value(), 1u);
    EXPECT_EQ(parse_count("10", 10).value(), 10u);
    EXPECT_EQ(parse_count("18446744073709551615", std::numeric_limits<std::uint64_t>::max()).value(), ~0ull);
    for (const char* const text : {"", "0", "-1", "+1", "1.5", "1 ", "0x1", "ten", "11", "99999999999999999999"}) {
        const auto count = parse_count(text, 10);
        ASSERT_FALSE(count.has_value()) << text;
        EXPECT_EQ(count.error().code, ErrorCode::invalid_argument);
        EXPECT_THAT(count.error().message,
                    HasSubstr("\"" + std::string(text) + "\" is not a whole number from 1 to 10."));
    }
}

}  // namespace
}  // namespace curfew::base
