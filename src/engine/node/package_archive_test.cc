#include "engine/node/package_archive.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "engine/testing/archives.h"

namespace curfew::engine {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class PackageArchive : public testing::Test {
  protected:
    PackageArchive() { pack_node(files_.path(), archive_, "1.2.3", "program"); }

    base::Descriptor archive() const { return base::Descriptor(::open(archive_.c_str(), O_RDONLY | O_CLOEXEC)); }

    // Packs what lies in the folder now.
    void pack_again() { run_tar(files_.path(), {"-czf", archive_, "package"}); }

    std::string refusal(std::string_view member, std::uint64_t most = 100) const {
        const auto content = read_member(archive().get(), member, most);
        if (content) return "read " + *content;
        EXPECT_EQ(content.error().code, ErrorCode::invalid_argument);
        return content.error().message;
    }

    TestFolder files_, place_;
    const std::string archive_ = place_ / "a.tgz";
};

TEST_F(PackageArchive, HasTheHashThatNpmStates) {
    write_file(archive_, "abc");
    // As openssl dgst -sha512 -binary | base64 gives it.
    EXPECT_EQ(integrity_of(archive().get()),
              "sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==");
    EXPECT_EQ(sha512_in("sha1-abc= sha512-def== sha512-ghi=="), "sha512-def==");
    EXPECT_EQ(sha512_in("sha512-def==\n"), "sha512-def==");
    EXPECT_EQ(sha512_in("sha1-abc="), "");
    EXPECT_EQ(sha512_in(""), "");
}

TEST_F(PackageArchive, GivesItsFiles) {
    EXPECT_EQ(read_member(archive().get(), "bin/node", 7), "program");
    const auto folder = Folder::make(place_ / "out");
    ASSERT_TRUE(folder);
    ASSERT_TRUE(unpack_member(archive().get(), "bin/node", 100, *folder, "node", true));
    EXPECT_EQ(read_file(place_ / "out/node"), "program");
    EXPECT_NE(std::filesystem::status(place_ / "out/node").permissions() & std::filesystem::perms::owner_exec,
              std::filesystem::perms::none);
}

TEST_F(PackageArchive, GivesNoMoreThanIsWanted) {
    EXPECT_THAT(refusal("bin/node", 6), HasSubstr("package/bin/node in the archive is longer than 6 bytes"));
    const auto folder = Folder::make(place_ / "out");
    ASSERT_TRUE(folder);
    EXPECT_FALSE(unpack_member(archive().get(), "bin/node", 6, *folder, "node", true));
    EXPECT_TRUE(std::filesystem::is_empty(folder->path())) << "what was begun is gone";
}

TEST_F(PackageArchive, OfABombIsEnded) {
    std::filesystem::resize_file(files_ / "package/bin/node", std::uintmax_t{64} << 20);
    pack_again();
    EXPECT_THAT(refusal("bin/node", 1 << 20), HasSubstr("is longer than 1 MiB"));
}

TEST_F(PackageArchive, WithoutAFileIsRefused) {
    EXPECT_THAT(refusal("bin/deno"), HasSubstr("the archive cannot be unpacked"));
    EXPECT_THAT(refusal("bin"), HasSubstr("the archive has no file package/bin, or an empty one"));
    std::filesystem::resize_file(files_ / "package/bin/node", 0);
    pack_again();
    EXPECT_THAT(refusal("bin/node"), HasSubstr("or an empty one"));
}

TEST_F(PackageArchive, FollowsNoLinks) {
    write_file(place_ / "secret", "secret");
    std::filesystem::remove(files_ / "package/bin/node");
    std::filesystem::create_symlink(place_ / "secret", files_ / "package/bin/node");
    pack_again();
    EXPECT_THAT(refusal("bin/node"), HasSubstr("has no file package/bin/node"));
    std::filesystem::remove(files_ / "package/bin/node");
    std::filesystem::create_hard_link(files_ / "package/LICENSE", files_ / "package/bin/node");
    pack_again();
    EXPECT_THAT(refusal("bin/node"), HasSubstr("has no file package/bin/node"));
}

TEST_F(PackageArchive, WritesNothingElsewhere) {
    run_tar(files_.path(), {"-czPf", archive_, "package", "--transform=s|^package/README.md|../../escaped|"});
    EXPECT_EQ(read_member(archive().get(), "LICENSE", 100), "A licence.\n");
    run_tar(files_.path(),
            {"-czPf", archive_, "package", "--transform=s|^package/bin/node|" + (place_ / "escaped") + "|"});
    EXPECT_THAT(refusal("bin/node"), HasSubstr("the archive cannot be unpacked"));
    EXPECT_FALSE(std::filesystem::exists(place_ / "escaped"));
}

TEST_F(PackageArchive, ThatIsDamagedIsRefused) {
    std::filesystem::resize_file(archive_, std::filesystem::file_size(archive_) / 2);
    EXPECT_THAT(refusal("bin/node"), HasSubstr("the archive cannot be unpacked"));
    write_file(archive_, "this is no archive");
    EXPECT_THAT(refusal("bin/node"), HasSubstr("the archive cannot be unpacked"));
    write_file(archive_, "");
    EXPECT_THAT(refusal("bin/node"), testing::Not(IsEmpty()));
}

}  // namespace
}  // namespace curfew::engine
