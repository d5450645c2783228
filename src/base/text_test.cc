#include "base/text.h"

#include <gtest/gtest.h>

#include <string>

namespace curfew::base {
namespace {

using namespace std::string_literals;

TEST(Escaped, LeavesTextAsItIs) {
    const std::string text = "\"quoted\", \\ and \u00e4 \u4e16 \U0001F600\u00a0";
    EXPECT_EQ(escaped(text), text);
    EXPECT_EQ(escaped(""), "");
    EXPECT_EQ(escaped("a line\n\tand another", LineBreaks::keep), "a line\n\tand another");
}

TEST(Escaped, IsOneLineUnlessBreaksAreKept) {
    EXPECT_EQ(escaped("a\n\tb\r"), "a\\n\\tb\\u000d");
    EXPECT_EQ(escaped("a\n\tb\r", LineBreaks::keep), "a\n\tb\\u000d");
    EXPECT_EQ(escaped("a\u2028b\u2029"), "a\\u2028b\\u2029");
}

TEST(Escaped, ShowsControlCharacters) {
    EXPECT_EQ(escaped("\x1b]0;title\a"), "\\u001b]0;title\\u0007");
    EXPECT_EQ(escaped("over\rwritten\b"), "over\\u000dwritten\\u0008");
    EXPECT_EQ(escaped("\x7f"), "\\u007f");
    EXPECT_EQ(escaped("a\0b"s), "a\\u0000b");
    EXPECT_EQ(escaped("\u009b2J"), "\\u009b2J");
}

TEST(Escaped, ShowsWhatTurnsTextRound) {
    EXPECT_EQ(escaped("a\u202eb\u2066c\u200fd\u061c"), "a\\u202eb\\u2066c\\u200fd\\u061c");
}

TEST(Escaped, ReplacesWhatIsNotUtf8) {
    EXPECT_EQ(escaped("\x9b"), "\uFFFD");
    EXPECT_EQ(escaped("a\xe4\xb8z"), "a\uFFFD\uFFFDz");
    EXPECT_EQ(escaped("\xc0\x9b"), "\uFFFD\uFFFD");
}

TEST(Shown, IsShort) {
    EXPECT_EQ(shown("a \"b\"\n"), "a \"b\"\\n");
    EXPECT_EQ(shown(std::string(kLongestShown, 'x')), std::string(kLongestShown, 'x'));
    EXPECT_EQ(shown(std::string(kLongestShown + 1, 'x')), std::string(kLongestShown, 'x') + "...");
}

TEST(Shown, IsCutBetweenCharacters) {
    const std::string before(kLongestShown - 2, 'x');
    EXPECT_EQ(shown(before + "\U0001F600"), before + "...");
    // Bytes that start no character are no reason to look back for ever.
    EXPECT_EQ(shown(before + std::string(100, '\x80')), std::string(kLongestShown - 3, 'x') + "...");
}

TEST(InQuotes, ShowsWhereATextEnds) {
    EXPECT_EQ(in_quotes("a"), "\"a\"");
    EXPECT_EQ(in_quotes(""), "\"\"");
    EXPECT_EQ(in_quotes("a\"\\\n\x7f"), R"("a\"\\\n\u007f")");
    EXPECT_EQ(in_quotes("scoped/\U0001F60A"), "\"scoped/\U0001F60A\"");
    EXPECT_EQ(in_quotes(std::string(1000, 'x')), "\"" + std::string(kLongestShown, 'x') + "...\"");
}

}  // namespace
}  // namespace curfew::base
