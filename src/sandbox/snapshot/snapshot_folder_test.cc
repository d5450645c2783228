// Several snapshots in a folder.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <curfew/sandbox.h>
#include <curfew/snapshot_folder.h>

#include "sandbox/testing/load.h"

namespace curfew {
namespace {

using sandbox::testing::load_script;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

class Folder : public ::testing::Test {
  protected:
    ~Folder() override { std::filesystem::remove_all(path_); }

    std::string file(const std::string& digest) const { return path_ + "/" + digest.substr(7) + ".snapshot"; }

    std::string path_ = std::filesystem::temp_directory_path() / ("curfew_folder_" + std::to_string(::getpid()));
    SnapshotFolder folder_{path_};
};

Snapshot counting_from(int count) {
    LoadedSandbox loaded = load_script("let n = " + std::to_string(count) + "; function handler() { return n++; }");
    return *loaded.snapshot();
}

std::string next(const Result<Snapshot>& snapshot) {
    if (!snapshot) return snapshot.error().message;
    auto loaded = LoadedSandbox::from_snapshot(*snapshot);
    if (!loaded) return loaded.error().message;
    return loaded->handle_event("main", "null")->result;
}

TEST_F(Folder, HasSnapshotsByTagAndByDigest) {
    const auto seven = folder_.save(counting_from(7), "seven");
    const auto eight = folder_.save(counting_from(8), "v1.2-eight_");
    ASSERT_TRUE(seven && eight) << seven.error().message;
    EXPECT_THAT(*seven, MatchesRegex("sha256:[0-9a-f]{64}"));
    EXPECT_NE(*seven, *eight);
    EXPECT_EQ(next(folder_.load("seven")), "7");
    EXPECT_EQ(next(folder_.load("v1.2-eight_")), "8");
    EXPECT_EQ(next(folder_.load(*seven)), "7");
    EXPECT_EQ(next(folder_.load_unverified("seven")), "7");
    EXPECT_EQ(next(folder_.load_unverified(*eight)), "8");
    EXPECT_EQ(*folder_.digest_of("seven"), *seven);
    EXPECT_THAT(*folder_.tags(), ElementsAre("seven", "v1.2-eight_"));
    struct stat status{};
    ASSERT_EQ(::stat(file(*seven).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(Folder, GivesATagToAnother) {
    const auto first = folder_.save(counting_from(1), "latest");
    const auto second = folder_.save(counting_from(2), "latest");
    ASSERT_TRUE(first && second);
    EXPECT_EQ(next(folder_.load("latest")), "2");
    EXPECT_EQ(next(folder_.load(*first)), "1");
    EXPECT_EQ(*folder_.remove_untagged(), 1U);
    EXPECT_EQ(*folder_.remove_untagged(), 0U);
    EXPECT_THAT(next(folder_.load(*first)), HasSubstr("there is no snapshot sha256:"));
    EXPECT_EQ(next(folder_.load("latest")), "2");
    ASSERT_TRUE(folder_.remove("latest"));
    EXPECT_FALSE(folder_.remove("latest"));
    EXPECT_THAT(*folder_.tags(), IsEmpty());
    EXPECT_EQ(next(folder_.load(*second)), "2");
}

TEST_F(Folder, SaysWhatIsNotThere) {
    EXPECT_THAT(*folder_.tags(), IsEmpty());
    EXPECT_THAT(next(folder_.load("gone")), HasSubstr("there is no snapshot with the tag \"gone\""));
    EXPECT_EQ(folder_.load("gone").error().code, ErrorCode::invalid_argument);
    const SnapshotFolder nowhere(path_ + "/not/there");
    EXPECT_FALSE(nowhere.save(counting_from(1), "one"));
}

TEST_F(Folder, RefusesTagsThatCouldLeadElsewhere) {
    const Snapshot snapshot = counting_from(1);
    for (const std::string tag : {"", ".", "..", ".hidden", "-x", "a/b", "../up", "a b", "\xC3\xA4", "a\n"}) {
        EXPECT_THAT(folder_.save(snapshot, tag).error().message, HasSubstr("is not possible")) << tag;
        EXPECT_FALSE(folder_.load(tag)) << tag;
        EXPECT_FALSE(folder_.remove(tag)) << tag;
    }
    EXPECT_FALSE(folder_.save(snapshot, std::string(129, 'a')));
    EXPECT_TRUE(folder_.save(snapshot, std::string(128, 'a')));
}

TEST_F(Folder, FindsOutThatAFileIsAnother) {
    const auto seven = folder_.save(counting_from(7), "seven");
    const auto eight = folder_.save(counting_from(8), "eight");
    ASSERT_TRUE(seven && eight);
    std::filesystem::copy_file(file(*eight), file(*seven), std::filesystem::copy_options::overwrite_existing);
    EXPECT_THAT(next(folder_.load("seven")), HasSubstr("was altered: its content has another digest"));
    EXPECT_EQ(next(folder_.load_unverified("seven")), "8");

    std::ofstream(path_ + "/eight.tag") << "sha256:../../../etc/passwd";
    EXPECT_THAT(next(folder_.load("eight")), HasSubstr("is no digest"));
    EXPECT_FALSE(folder_.remove_untagged());
}

TEST_F(Folder, NamesTheFileThatIsNoSnapshot) {
    const auto seven = folder_.save(counting_from(7), "seven");
    ASSERT_TRUE(seven);
    // The digest of an empty file, which it is.
    const std::string empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    std::ofstream(file(empty)) << "";
    EXPECT_THAT(next(folder_.load(empty)), HasSubstr(file(empty)));
    std::filesystem::remove(file(empty));
    std::filesystem::create_directory(file(empty));
    EXPECT_THAT(next(folder_.load(empty)), HasSubstr("is no regular file"));
}

}  // namespace
}  // namespace curfew
