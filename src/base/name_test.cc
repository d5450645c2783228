#include "base/name.h"

#include <gtest/gtest.h>

#include <string>

namespace curfew::base {
namespace {

std::string fault(std::string_view name) {
    const Result<void> checked = check_name("a thing", name);
    EXPECT_EQ(is_name(name), checked.has_value());
    if (checked) return "none";
    EXPECT_EQ(checked.error().code, ErrorCode::invalid_argument);
    return checked.error().message;
}

TEST(Name, MayBeAnyText) {
    EXPECT_EQ(fault("a"), "none");
    EXPECT_EQ(fault("two words / \u4e16\n"), "none");
    EXPECT_EQ(fault(std::string(kLongestName, 'x')), "none");
}

TEST(Name, IsRefusedWithAReason) {
    EXPECT_EQ(fault(""), "the name of a thing must not be empty");
    EXPECT_EQ(fault(std::string_view("a\0b", 3)),
              "the name of a thing must not hold a NUL character, but is \"a\\u0000b\"");
    EXPECT_EQ(fault("\xff"), "the name of a thing must be UTF-8, but is \"\uFFFD\"");
    EXPECT_TRUE(
        fault(std::string(kLongestName + 1, 'x')).starts_with("the name of a thing must not be longer than 255 bytes"));
}

}  // namespace
}  // namespace curfew::base
