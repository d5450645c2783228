#include "engine/store/folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <span>
#include <string_view>
#include <thread>

#include "engine/testing/places.h"

namespace curfew::engine {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

Folder made(const std::string& path) {
    auto folder = Folder::make(path);
    if (!folder) throw std::runtime_error(folder.error().message);
    return std::move(*folder);
}

TEST(CacheFolder, IsNamedByTheFirstVariableThatIsSet) {
    const TestVariable own("CURFEW_CACHE_DIR", "/own"), xdg("XDG_CACHE_HOME", "/xdg"), home("HOME", "/home/me");
    EXPECT_EQ(cache_folder(), "/own");
    const TestVariable no_own("CURFEW_CACHE_DIR", "");
    EXPECT_EQ(cache_folder(), "/xdg/curfew");
    const TestVariable relative("XDG_CACHE_HOME", "xdg");
    EXPECT_EQ(cache_folder(), "/home/me/.cache/curfew");
    const TestVariable no_home("HOME");
    EXPECT_EQ(cache_folder(), "");
}

TEST(Folder, IsMadeWithWhatIsAboveIt) {
    const TestFolder place;
    const auto none = Folder::open(place / "a/b");
    ASSERT_TRUE(none);
    EXPECT_FALSE(none->has_value());
    const auto old = ::umask(0);
    const Folder folder = made(place / "a/b");
    ::umask(old);
    struct stat status{};
    ASSERT_EQ(::stat(folder.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0755u);
    EXPECT_TRUE(Folder::make(place / "a/b")) << "one that is there is as good";
    const auto opened = Folder::open(place / "a/b");
    ASSERT_TRUE(opened);
    EXPECT_TRUE(opened->has_value());
}

TEST(Folder, CannotBeMadeWhereAFileIs) {
    const TestFolder place;
    write_file(place / "file", "");
    const auto in_file = Folder::make(place / "file/a");
    ASSERT_FALSE(in_file);
    EXPECT_EQ(in_file.error().code, ErrorCode::unavailable);
    EXPECT_THAT(in_file.error().message, HasSubstr("/file/a cannot be made"));
    EXPECT_FALSE(Folder::make(place / "file"));
    EXPECT_FALSE(Folder::open(place / "file"));
}

TEST(Folder, IsNotTrustedIfOthersCanWriteIt) {
    const TestFolder place;
    for (const mode_t mode : {0775, 0757}) {
        ::chmod(place.path().c_str(), mode);
        const auto folder = Folder::open(place.path());
        ASSERT_FALSE(folder);
        EXPECT_THAT(folder.error().message, HasSubstr("can be written by others; take that away with chmod go-w"));
    }
}

TEST(Folder, OfAnotherUserIsNotTrusted) {
    const TestFolder place;
    if (::chown(place.path().c_str(), 54321, 54321) != 0) GTEST_SKIP() << "only root can give folders away";
    const auto folder = Folder::open(place.path());
    ASSERT_FALSE(folder);
    EXPECT_THAT(folder.error().message, HasSubstr("belongs to another user (54321)"));
}

TEST(Folder, OpensFilesThatAreTrusted) {
    const TestFolder place;
    const Folder folder = made(place.path());
    write_file(place / "file", "content");
    const auto file = folder.open_file("file");
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->has_value());
    EXPECT_EQ((*file)->size, 7u);
    EXPECT_GT((*file)->changed, 0);
    const auto none = folder.open_file("none");
    ASSERT_TRUE(none);
    EXPECT_FALSE(none->has_value());
}

TEST(Folder, OpensNothingElse) {
    const TestFolder place;
    const Folder folder = made(place.path());
    write_file(place / "file", "content");
    std::filesystem::create_symlink(place / "file", place / "link");
    ASSERT_EQ(::mkfifo((place / "pipe").c_str(), 0600), 0);
    const auto refusal = [&](const char* name) {
        const auto file = folder.open_file(name);
        return file ? std::string("opened") : file.error().message;
    };
    EXPECT_THAT(refusal("link"), HasSubstr("/link is a link, and not a file"));
    EXPECT_THAT(refusal("pipe"), HasSubstr("/pipe is not a file"));
    ::chmod((place / "file").c_str(), 0666);
    EXPECT_THAT(refusal("file"), HasSubstr("/file can be written by others"));
    ::chmod((place / "file").c_str(), 0600);
    if (::chown((place / "file").c_str(), 54321, 54321) != 0) GTEST_SKIP() << "only root can give files away";
    EXPECT_THAT(refusal("file"), HasSubstr("/file belongs to another user (54321)"));
}

TEST(Folder, GivesADraftItsNameWhenItIsWhole) {
    const TestFolder place;
    const Folder folder = made(place.path());
    write_file(place / "file", "old");
    auto draft = folder.begin_file();
    ASSERT_TRUE(draft);
    ASSERT_TRUE(write_all(draft->descriptor.get(), place / "file", bytes_of("new")));
    EXPECT_EQ(read_file(place / "file"), "old");
    ASSERT_TRUE(folder.finish_file(*draft, "file"));
    EXPECT_EQ(read_file(place / "file"), "new");
    EXPECT_THAT(folder.names(), ElementsAre("file"));
}

TEST(Folder, LeavesNothingOfADraftThatCannotGetItsName) {
    const TestFolder place;
    const Folder folder = made(place.path());
    std::filesystem::create_directory(place / "taken");
    auto draft = folder.begin_file();
    ASSERT_TRUE(draft);
    const auto finished = folder.finish_file(*draft, "taken");
    ASSERT_FALSE(finished);
    EXPECT_THAT(finished.error().message, HasSubstr("/taken cannot be written"));
    EXPECT_FALSE(std::filesystem::exists(place / draft->name));
}

TEST(Folder, RemovesDraftsThatNobodyFinishes) {
    const TestFolder place;
    const Folder folder = made(place.path());
    const auto old = folder.begin_file(), young = folder.begin_file();
    ASSERT_TRUE(old && young);
    const timespec two_hours_ago[2] = {{::time(nullptr) - 7200, 0}, {::time(nullptr) - 7200, 0}};
    ::futimens(old->descriptor.get(), two_hours_ago);
    folder.remove_old_drafts();
    EXPECT_FALSE(std::filesystem::exists(place / old->name));
    EXPECT_TRUE(std::filesystem::exists(place / young->name));
    EXPECT_THAT(folder.names(), IsEmpty()) << "drafts are no names";
}

TEST(Folder, LocksForOneAtATimeAndNotForEver) {
    const TestFolder place;
    const Folder folder = made(place.path());
    auto first = folder.lock("lock", 0ms);
    ASSERT_TRUE(first);
    const auto second = folder.lock("lock", 50ms);
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message, HasSubstr("/lock has been held by another process for too long"));
    EXPECT_TRUE(folder.lock("other", 0ms));
    std::thread holder([&] {
        std::this_thread::sleep_for(30ms);
        *first = base::Descriptor();
    });
    EXPECT_TRUE(folder.lock("lock", 1min));
    holder.join();
}

TEST(WriteAll, FailsWhereTheKernelWouldEndTheProcess) {
    const TestFolder place;
    const Folder folder = made(place.path());
    auto draft = folder.begin_file();
    ASSERT_TRUE(draft);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const rlimit few{4, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &few), 0);
    const auto first = write_all(draft->descriptor.get(), "/somewhere", bytes_of("abc"));
    const auto second = write_all(draft->descriptor.get(), "/somewhere", bytes_of("de"));
    ::setrlimit(RLIMIT_FSIZE, &before);
    EXPECT_TRUE(first);
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message, HasSubstr("/somewhere cannot be written (File too large)"));
}

}  // namespace
}  // namespace curfew::engine
