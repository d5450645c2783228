#include "cli/json_text.h"

#include <gtest/gtest.h>

namespace curfew::cli {
namespace {

using namespace std::string_literals;

TEST(FindJsonFault, FindsNoneInJson) {
    for (const std::string text :
         {"{}", "[]", "null", "true", "false", "0", "-0", "12.5e-3", "1E+9", "\"\"", " \t\r\n{ } \n",
          R"({"a":1,"b":[true,{"c":"d"}],"":{}})", R"(["\"\\\/\b\f\n\r\t\u00e4\ud800"])", "\"\u00e4 \U0001F600\"",
          "[[[[]]],[{}]]", "\"\x7f\""}) {
        const auto fault = find_json_fault(text);
        EXPECT_FALSE(fault.has_value()) << text << ": " << fault->reason << " at " << fault->offset;
    }
}

struct WrongJson {
    std::string text;
    std::size_t offset;
    std::string reason;
};

TEST(FindJsonFault, FindsTheFirstFault) {
    for (const auto& [text, offset, reason] : {WrongJson{"", 0, "ends too soon"},
                                               WrongJson{"   ", 3, "a value is missing"},
                                               WrongJson{"{", 1, "a key"},
                                               WrongJson{"{\"a\":1,}", 7, "a key"},
                                               WrongJson{"[1,]", 3, "a value"},
                                               WrongJson{"{a:1}", 1, "double quotes"},
                                               WrongJson{"{\"a\" 1}", 5, "colon"},
                                               WrongJson{"{\"a\":1 \"b\":2}", 7, "comma or }"},
                                               WrongJson{"[1 2]", 3, "comma or ]"},
                                               WrongJson{"[1}", 2, "comma or ]"},
                                               WrongJson{"1 2", 2, "follows"},
                                               WrongJson{"{}}", 2, "follows"},
                                               WrongJson{"undefined", 0, "a value"},
                                               WrongJson{"nul", 0, "a value"},
                                               WrongJson{"01", 1, "zero"},
                                               WrongJson{"-", 1, "digit"},
                                               WrongJson{"1.", 2, "digit"},
                                               WrongJson{"1e", 2, "digit"},
                                               WrongJson{"+1", 0, "a value"},
                                               WrongJson{".5", 0, "a value"},
                                               WrongJson{"\"abc", 4, "does not end"},
                                               WrongJson{"\"a\nb\"", 2, "control character"},
                                               WrongJson{R"("\x")", 2, "backslash"},
                                               WrongJson{R"("\u12g4")", 5, "\\u escape"},
                                               WrongJson{"\"\xff\"", 1, "UTF-8"},
                                               WrongJson{"\"\xed\xa0\x80\"", 1, "UTF-8"},
                                               WrongJson{"'a'", 0, "a value"},
                                               WrongJson{"{}\0"s, 2, "follows"},
                                               WrongJson{"\xef\xbb\xbf{}", 0, "a value"}}) {
        const auto fault = find_json_fault(text);
        ASSERT_TRUE(fault.has_value()) << text;
        EXPECT_EQ(fault->offset, offset) << text << ": " << fault->reason;
        EXPECT_NE(fault->reason.find(reason), std::string::npos) << text << ": " << fault->reason;
    }
}

TEST(FindJsonFault, TakesNestingOfAnyDepth) {
    constexpr std::size_t kDepth = 1'000'000;
    const std::string open(kDepth, '[');
    EXPECT_FALSE(find_json_fault(open + std::string(kDepth, ']')).has_value());
    EXPECT_EQ(find_json_fault(open).value().offset, kDepth);
}

TEST(JsonDepth, CountsWhatLiesInEachOther) {
    EXPECT_EQ(json_depth("1"), 0U);
    EXPECT_EQ(json_depth("[]"), 1U);
    EXPECT_EQ(json_depth(R"([1, {"a": [[]]}, [], {}])"), 4U);
    EXPECT_EQ(json_depth(R"({"[[\"[": "\\"})"), 1U);
}

}  // namespace
}  // namespace curfew::cli
