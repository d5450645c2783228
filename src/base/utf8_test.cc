#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace curfew::base {
namespace {

TEST(Utf8, KnowsTheLengthOfACharacter) {
    EXPECT_EQ(utf8_length("a"), 1u);
    EXPECT_EQ(utf8_length(std::string_view("\0", 1)), 1u);
    EXPECT_EQ(utf8_length("\u00e4b"), 2u);
    EXPECT_EQ(utf8_length("\u4e16"), 3u);
    EXPECT_EQ(utf8_length("\U0010FFFF"), 4u);
    EXPECT_EQ(utf8_length(""), 0u);
}

TEST(Utf8, RefusesWhatTheStandardRefuses) {
    for (const char* const text :
         {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe4\xb8",
          "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf0\x9f\x98", "\xf5\x80\x80\x80", "\xff"}) {
        EXPECT_EQ(utf8_length(text), 0u) << text;
        EXPECT_FALSE(is_utf8(text)) << text;
        EXPECT_FALSE(is_utf8("some eight bytes and more " + std::string(text))) << text;
    }
    EXPECT_TRUE(is_utf8("\xee\x80\x80 \xed\x9f\xbf \xf0\x90\x80\x80"));
    EXPECT_TRUE(is_utf8(""));
}

TEST(Utf8, SaysHowFarATextIsValid) {
    EXPECT_EQ(valid_utf8_prefix("12345678\u00e4\xff"), 10u);
    EXPECT_EQ(valid_utf8_prefix("1234567\xff"), 7u);
    EXPECT_EQ(valid_utf8_prefix("abc"), 3u);
}

TEST(Utf8, ReplacesBytesThatAreNot) {
    EXPECT_EQ(to_valid_utf8("\u4e16"), "\u4e16");
    EXPECT_EQ(to_valid_utf8("a\xff\xfe\u00e4\xe4\xb8"), "a\uFFFD\uFFFD\u00e4\uFFFD\uFFFD");
}

TEST(Utf8, CutsBetweenCharacters) {
    EXPECT_EQ(utf8_start("abc", 3), "abc");
    EXPECT_EQ(utf8_start("abc", 2), "ab");
    EXPECT_EQ(utf8_start("a\u4e16", 3), "a");
    EXPECT_EQ(utf8_start("a\u4e16", 4), "a\u4e16");
    EXPECT_EQ(utf8_start("\U0001F600", 3), "");
    EXPECT_EQ(utf8_start("\x80\x80\x80\x80\x80\x80", 5), "\x80\x80");
}

}  // namespace
}  // namespace curfew::base
