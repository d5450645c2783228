#include "cli/input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>

#include "cli/testing/readable.h"

namespace curfew::cli {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using std::chrono::system_clock;
using testing::AllOf;
using testing::HasSubstr;

TEST(ReadStandardInput, TakesWhatFits) {
    for (const std::size_t size : {0UL, 1UL, 65535UL, 65536UL, 65537UL, 200'000UL}) {
        const std::string text(size, 'x');
        const base::Descriptor file = readable(text);
        EXPECT_EQ(
            read_standard_input({.standard_input = file.get(), .limit = {}, .largest = 200'000}, "The event").value(),
            text);
    }
}

TEST(ReadStandardInput, RefusesWhatIsTooLarge) {
    const base::Descriptor file = readable(std::string((1 << 20) + 1, 'x'));
    const auto text = read_standard_input({.standard_input = file.get(), .limit = {}, .largest = 1 << 20}, "The event");
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(text.error().message,
                AllOf(HasSubstr("The event could not be read from standard input"), HasSubstr("larger than 1 MiB")));
}

TEST(ReadStandardInput, SaysWhyItCannotBeRead) {
    const auto start = steady_clock::now();
    for (const std::optional<TimeLimit>& limit :
         {std::optional<TimeLimit>(), std::optional(TimeLimit{"wall-clock", "1m", start, start + 1min})}) {
        const auto text = read_standard_input({.standard_input = 1'000'000, .limit = limit}, "The event");
        ASSERT_FALSE(text);
        EXPECT_EQ(text.error().code, ErrorCode::invalid_argument);
        EXPECT_THAT(text.error().message, HasSubstr("Bad file descriptor"));
    }
}

TEST(ReadStandardInput, EndsAtALimitOnTime) {
    const OpenPipe pipe;
    const auto start = steady_clock::now();
    const TimeLimit limit{"wall-clock", "20ms", start, start + 20ms};
    const auto text = read_standard_input({.standard_input = pipe.get(), .limit = limit}, "The script");
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code, ErrorCode::cancelled);
    EXPECT_EQ(text.error().terminated_by, "wall-clock");
    EXPECT_GE(text.error().usage.wall_time, 20ms);
    EXPECT_THAT(text.error().message, AllOf(HasSubstr("The script could not be read from standard input"),
                                            HasSubstr("limit \"wall-clock\" (20ms) was reached")));
}

TEST(FirstTimeLimit, IsTheEarliest) {
    const auto start = steady_clock::now();
    EXPECT_FALSE(first_time_limit({}, start));
    const LimitSetting cpu{"cpu-time", 1ms};
    const LimitSetting wall{"wall-clock", 2s};
    const LimitSetting deadline{"deadline", 3s};
    const LimitSetting date{"deadline", system_clock::now() + 1s};
    const LimitSetting never{"wall-clock", std::chrono::nanoseconds::max()};
    EXPECT_FALSE(first_time_limit(std::array{cpu}, start));
    EXPECT_EQ(first_time_limit(std::array{cpu, deadline, wall}, start)->name, "wall-clock");
    EXPECT_EQ(first_time_limit(std::array{deadline}, start)->end, start + 3s);
    EXPECT_EQ(first_time_limit(std::array{never, deadline}, start)->name, "deadline");
    const auto dated = first_time_limit(std::array{wall, date}, start);
    EXPECT_EQ(dated->name, "deadline");
    EXPECT_LE(dated->end, start + 1500ms);
}

TEST(ReadScript, TakesStandardInput) {
    const base::Descriptor file = readable("function handler() {}");
    const auto script = read_script("-", {.standard_input = file.get()});
    ASSERT_TRUE(script);
    EXPECT_EQ(script->source(), "function handler() {}");
    EXPECT_EQ(script->name(), "stdin");
    EXPECT_EQ(script->folder(), "");
}

TEST(ReadScript, RefusesWhatIsNotUtf8) {
    const base::Descriptor file = readable("let a = '\xff';");
    const auto script = read_script("-", {.standard_input = file.get()});
    ASSERT_FALSE(script);
    EXPECT_THAT(script.error().message, HasSubstr("not UTF-8 (at offset 9)"));
}

}  // namespace
}  // namespace curfew::cli
