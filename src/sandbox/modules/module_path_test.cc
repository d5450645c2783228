#include "sandbox/modules/module_path.h"

#include <gtest/gtest.h>

#include <curfew/file_system.h>

namespace curfew::sandbox {
namespace {

TEST(ModulePath, IsNormalOrNot) {
    for (const char* const path : {"/", "/a", "/a/b.js", "/.a/..b/...", "/ü/😊", "/a b"})
        EXPECT_TRUE(is_normal_path(path)) << path;
    for (const char* const path :
         {"", "a", "./a", "/a/", "//", "/a//b", "/.", "/..", "/a/./b", "/a/../b", "/a/..", "/a\\b", "/\xff"}) {
        EXPECT_FALSE(is_normal_path(path)) << path;
    }
    EXPECT_FALSE(is_normal_path(std::string_view("/a\0b", 4)));
    EXPECT_TRUE(is_normal_path("/" + std::string(FileSystem::kLongestPath - 1, 'x')));
    EXPECT_FALSE(is_normal_path("/" + std::string(FileSystem::kLongestPath, 'x')));
}

TEST(ModulePath, JoinsWithoutLeaving) {
    EXPECT_EQ(join("/a", "b/c.js"), "/a/b/c.js");
    EXPECT_EQ(join("/a/b", "../c.js"), "/a/c.js");
    EXPECT_EQ(join("/a/b", "../../c.js"), "/c.js");
    EXPECT_EQ(join("/", "./x"), "/x");
    EXPECT_EQ(join("/a", ".//b/./"), "/a/b");
    EXPECT_EQ(join("/a", ".."), "/");
    EXPECT_EQ(join("/a", ""), "/a");
    EXPECT_EQ(join("/", "/x/y/"), "/x/y");
    EXPECT_EQ(join("/a", "../.."), std::nullopt);
    EXPECT_EQ(join("/", ".."), std::nullopt);
    EXPECT_EQ(join("/", "a/../../b"), std::nullopt);
    EXPECT_EQ(join("/", "a\\b"), std::nullopt);
    EXPECT_EQ(join("/", std::string_view("a\0b", 3)), std::nullopt);
    EXPECT_EQ(join("/" + std::string(4000, 'x'), std::string(200, 'y')), std::nullopt);
}

TEST(ModulePath, IsTakenApart) {
    EXPECT_EQ(folder_of("/a/b.js"), "/a");
    EXPECT_EQ(folder_of("/a"), "/");
    EXPECT_EQ(folder_of("/"), "/");
    EXPECT_EQ(name_of("/a/b.js"), "b.js");
    EXPECT_EQ(name_of("/"), "");
    EXPECT_TRUE(is_within("/a/b", "/a"));
    EXPECT_TRUE(is_within("/a", "/a"));
    EXPECT_TRUE(is_within("/a", "/"));
    EXPECT_FALSE(is_within("/ab", "/a"));
    EXPECT_FALSE(is_within("/a", "/a/b"));
}

}  // namespace
}  // namespace curfew::sandbox
