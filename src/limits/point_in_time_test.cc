#include "limits/point_in_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace curfew::limits {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;
using std::chrono::system_clock;
using testing::AllOf;
using testing::HasSubstr;

constexpr system_clock::time_point kNow = sys_days(2026y / 11 / 24) + 23h + 40min + 12s;

system_clock::time_point time_of(std::string_view text) {
    const auto deadline = parse_point_in_time(text, kNow);
    EXPECT_TRUE(deadline) << text << ": " << deadline.error().message;
    return deadline ? std::get<system_clock::time_point>(*deadline) : system_clock::time_point();
}

TEST(ParsePointInTime, TakesTimes) {
    EXPECT_EQ(time_of("2026-11-24T23:59:00Z"), sys_days(2026y / 11 / 24) + 23h + 59min);
    EXPECT_EQ(time_of("2026-11-24t23:59:00z"), sys_days(2026y / 11 / 24) + 23h + 59min);
    EXPECT_EQ(time_of("2026-11-24 23:59:00Z"), sys_days(2026y / 11 / 24) + 23h + 59min);
    EXPECT_EQ(time_of("2028-02-29T00:00:00Z"), sys_days(2028y / 2 / 29));
    EXPECT_EQ(time_of("2026-11-25T00:59:00+01:00"), sys_days(2026y / 11 / 24) + 23h + 59min);
    EXPECT_EQ(time_of("2026-11-24T18:29:00-05:30"), sys_days(2026y / 11 / 24) + 23h + 59min);
}

TEST(ParsePointInTime, TakesFractionsOfSeconds) {
    EXPECT_EQ(time_of("2026-11-24T23:59:00.5Z"), sys_days(2026y / 11 / 24) + 23h + 59min + 500ms);
    EXPECT_EQ(time_of("2026-11-24T23:59:00.000000001Z"), sys_days(2026y / 11 / 24) + 23h + 59min + 1ns);
    EXPECT_EQ(time_of("2026-11-24T23:59:00.1234567899999Z"), sys_days(2026y / 11 / 24) + 23h + 59min + 123456789ns);
}

TEST(ParsePointInTime, TakesTheFarFutureForNever) {
    EXPECT_EQ(time_of("9999-12-31T23:59:59Z"), system_clock::time_point::max());
    EXPECT_EQ(time_of("2262-04-11T23:47:16Z"), system_clock::time_point::max());
    EXPECT_LT(time_of("2262-04-11T23:47:15Z"), system_clock::time_point::max());
}

TEST(ParsePointInTime, TakesDurationsFromNow) {
    EXPECT_EQ(std::get<std::chrono::nanoseconds>(parse_point_in_time("+1.5s", kNow).value()), 1500ms);
    EXPECT_EQ(std::get<std::chrono::nanoseconds>(parse_point_in_time("+2h", kNow).value()), 2h);
    for (const char* const text : {"+", "+1", "+-1s", "+0s", "++1s"}) {
        const auto refused = parse_point_in_time(text, kNow);
        ASSERT_FALSE(refused) << text;
        EXPECT_THAT(refused.error().message, HasSubstr("is not a duration"));
    }
}

struct RefusedTime {
    const char* text;
    const char* reason;
};

TEST(ParsePointInTime, SaysWhatIsWrongAndGivesAnExample) {
    for (const auto& [text, reason] : {
             RefusedTime{"", "does not start with a date"},
             RefusedTime{"tomorrow", "does not start with a date"},
             RefusedTime{"1.5s", "does not start with a date"},
             RefusedTime{"26-11-24T23:59:00Z", "does not start with a date"},
             RefusedTime{"2026-11-24", "not followed by a time"},
             RefusedTime{"2026-11-24T23:59Z", "not followed by a time"},
             RefusedTime{"2026-11-24T23:59:00", "time zone is missing"},
             RefusedTime{"2026-11-24T23:59:00+1", "time zone is missing"},
             RefusedTime{"2026-11-24T23:59:00+24:00", "time zone is missing"},
             RefusedTime{"2026-11-24T23:59:00.Z", "no digits behind the point"},
             RefusedTime{"2026-11-24T23:59:00Z!", "something follows"},
             RefusedTime{"2027-02-29T00:00:00Z", "no such day"},
             RefusedTime{"2026-13-01T00:00:00Z", "no such day"},
             RefusedTime{"2026-11-24T24:00:00Z", "no such time of day"},
             RefusedTime{"2026-12-31T23:59:60Z", "no such time of day"},
         }) {
        const auto deadline = parse_point_in_time(text, kNow);
        ASSERT_FALSE(deadline) << text;
        EXPECT_EQ(deadline.error().code, ErrorCode::invalid_argument);
        EXPECT_THAT(deadline.error().message, AllOf(HasSubstr("\"" + std::string(text) + "\" is not a point in time"),
                                                    HasSubstr(reason), HasSubstr("+1.5s")));
    }
}

TEST(ParsePointInTime, RefusesATimeThatHasPassed) {
    for (const char* const text : {"2026-11-24T23:40:12Z", "1970-01-01T00:00:00Z", "2026-11-25T00:00:00+01:00"}) {
        const auto deadline = parse_point_in_time(text, kNow);
        ASSERT_FALSE(deadline) << text;
        EXPECT_THAT(deadline.error().message, HasSubstr("it has passed; it is 2026-11-24T23:40:12Z now"));
    }
    EXPECT_TRUE(parse_point_in_time("2026-11-24T23:40:13Z", kNow));
}

TEST(PointInTimeText, IsReadAsTheSameTime) {
    for (const char* const text : {"+1500ms", "+2h", "+1ns", "2026-11-24T23:59:00Z", "2026-11-24T23:59:00.25Z",
                                   "2028-02-29T00:00:00.000000001Z"}) {
        EXPECT_EQ(point_in_time_text(parse_point_in_time(text, kNow).value()), text);
    }
    const std::string last = point_in_time_text(system_clock::time_point::max());
    EXPECT_EQ(time_of(last), system_clock::time_point::max()) << last;
}

}  // namespace
}  // namespace curfew::limits
