// FilePath: what paths can be given as.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>

#include <curfew/file_path.h>
#include <curfew/script.h>

namespace curfew::test {
namespace {

// As functions take it: converted where they are called.
std::string text_of(const FilePath& path) { return path.text(); }

TEST(FilePath, IsMadeOfTextAndOfPaths) {
    const std::string name = "a/b";
    EXPECT_EQ(text_of("a/b"), name);
    EXPECT_EQ(text_of(name.c_str()), name);
    EXPECT_EQ(text_of(name), name);
    EXPECT_EQ(text_of(std::string_view("a/bc").substr(0, 3)), name);
    EXPECT_EQ(text_of(u8"a/\u00fc"), "a/\xc3\xbc");
    EXPECT_EQ(text_of(std::filesystem::path("a") / "b"), name);
    EXPECT_EQ(text_of(std::filesystem::directory_entry()), "");
    EXPECT_EQ(text_of(std::filesystem::path("a/\xff")), "a/\xff");  // what is no UTF-8, too

    static_assert(!std::is_constructible_v<FilePath, int> && !std::is_constructible_v<FilePath, std::nullptr_t> &&
                  !std::is_constructible_v<FilePath, std::wstring>);
}

TEST(FilePath, IsShownAsItWasGiven) {
    const auto missing = Script::from_file(std::filesystem::path("missing") / "script.js");
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().message.find("missing/script.js"), std::string::npos) << missing.error().message;
}

}  // namespace
}  // namespace curfew::test
