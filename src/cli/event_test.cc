#include "cli/event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace curfew::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Result<std::string> event_from_input(const std::string& text) {
    std::istringstream in(text);
    return read_event(RunOptions{.file = "a.js", .event_file = "-"}, in);
}

TEST(ReadEvent, TakesTheOptionsEvent) {
    std::istringstream in("ignored");
    EXPECT_EQ(read_event(RunOptions{.file = "a.js", .event = "[1]"}, in).value(), "[1]");
    EXPECT_EQ(read_event(RunOptions{.file = "a.js"}, in).value(), "{}");
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

TEST(ReadEvent, SaysWhyAFileCannotBeRead) {
    std::istringstream in;
    const auto from = [&](const char* path) {
        return read_event(RunOptions{.file = "a.js", .event_file = path}, in).error().message;
    };
    EXPECT_THAT(from("/nowhere/event.json"), AllOf(HasSubstr("/nowhere/event.json"), HasSubstr("No such file")));
    EXPECT_THAT(from("/"), HasSubstr("it is a folder"));
}

}  // namespace
}  // namespace curfew::cli
