#include "cli/terminal_text.h"

#include <gtest/gtest.h>

namespace curfew::cli {
namespace {

using namespace std::string_literals;

TEST(ForTerminal, LeavesTextAsItIs) {
    const std::string text = "a line\n\tand \"another\", \u00e4 \u4e16 \U0001F600";
    EXPECT_EQ(for_terminal(text), text);
    EXPECT_EQ(for_terminal(""), "");
}

TEST(ForTerminal, ShowsControlCharacters) {
    EXPECT_EQ(for_terminal("\x1b]0;title\a"), "\\u001b]0;title\\u0007");
    EXPECT_EQ(for_terminal("over\rwritten\b"), "over\\u000dwritten\\u0008");
    EXPECT_EQ(for_terminal("\x7f"), "\\u007f");
    EXPECT_EQ(for_terminal("a\0b"s), "a\\u0000b");
}

TEST(ForTerminal, ShowsControlCharactersBeyondAscii) {
    EXPECT_EQ(for_terminal("\u009b2J"), "\\u009b2J");
    EXPECT_EQ(for_terminal("\u00a0"), "\u00a0");
}

TEST(ForTerminal, ReplacesWhatIsNotUtf8) {
    EXPECT_EQ(for_terminal("\x9b"), "\uFFFD");
    EXPECT_EQ(for_terminal("\xe4\xb8"), "\uFFFD\uFFFD");
    EXPECT_EQ(for_terminal("\xc0\x9b"), "\uFFFD\uFFFD");
}

}  // namespace
}  // namespace curfew::cli
