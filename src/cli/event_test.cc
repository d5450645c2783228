#include "cli/event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/testing/readable.h"

namespace curfew::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Result<std::string> event_from_input(const std::string& text) {
    const base::Descriptor file = readable(text);
    return read_event(RunOptions{.file = "a.js", .event_file = "-"}, {.standard_input = file.get()});
}

TEST(ReadEvent, TakesTheOptionsEvent) {
    EXPECT_EQ(read_event(RunOptions{.file = "a.js", .event = "[1]"}, {.standard_input = -1}).value(), "[1]");
    EXPECT_EQ(read_event(RunOptions{.file = "a.js"}, {.standard_input = -1}).value(), "{}");
}

TEST(ReadEvent, TakesAllOfStandardInput) {
    const std::string large = "\"" + std::string(1 << 20, 'x') + "\"\n";
    EXPECT_EQ(event_from_input(large).value(), large);
}

TEST(ReadEvent, LeavesOutAByteOrderMark) {
    EXPECT_EQ(event_from_input("\xef\xbb\xbf{\"a\":1}").value(), "{\"a\":1}");
    EXPECT_FALSE(event_from_input("\xef\xbb\xbf\xef\xbb\xbf{}"));
}

TEST(ReadEvent, GivesThePlaceOfAFault) {
    const Result<std::string> event = event_from_input("{\n\"a\": ?}");
    ASSERT_FALSE(event.has_value());
    EXPECT_EQ(event.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(event.error().message,
                AllOf(HasSubstr("standard input is not JSON"), HasSubstr("offset 7 (line 2, column 6)")));
    EXPECT_THAT(event_from_input("").error().message, HasSubstr("ends too soon"));
}

TEST(ReadEvent, RefusesWhatIsNestedTooDeep) {
    const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
    EXPECT_TRUE(event_from_input(nested(5000)));
    const Result<std::string> event = event_from_input(nested(100'000));
    ASSERT_FALSE(event);
    EXPECT_EQ(event.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(event.error().message, HasSubstr("100000 levels"));
}

TEST(ReadEvent, EndsAtALimitOnTime) {
    const OpenPipe pipe;
    const auto start = std::chrono::steady_clock::now();
    const TimeLimit limit{"deadline", "+20ms", start, start + std::chrono::milliseconds(20)};
    const Result<std::string> event =
        read_event(RunOptions{.file = "a.js", .event_file = "-"}, {.standard_input = pipe.get(), .limit = limit});
    ASSERT_FALSE(event);
    EXPECT_EQ(event.error().code, ErrorCode::cancelled);
    EXPECT_EQ(event.error().terminated_by, "deadline");
}

TEST(ReadEvent, SaysWhyAFileCannotBeRead) {
    const auto from = [](const char* path) {
        return read_event(RunOptions{.file = "a.js", .event_file = path}, {}).error().message;
    };
    EXPECT_THAT(from("/nowhere/event.json"), AllOf(HasSubstr("/nowhere/event.json"), HasSubstr("No such file")));
    EXPECT_THAT(from("/"), HasSubstr("it is a folder"));
}

}  // namespace
}  // namespace curfew::cli
