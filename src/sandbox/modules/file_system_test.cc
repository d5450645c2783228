// The three file systems, through their public interface.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <curfew/file_system.h>

namespace curfew {
namespace {

using Kind = FileSystem::Kind;
using ::testing::AllOf;
using ::testing::HasSubstr;

// "file PATH", "folder PATH", "nothing" or the error's message.
std::string at(const FileSystem& files, std::string_view path) {
    const auto found = files.find(path);
    if (!found) return found.error().message;
    if (!*found) return "nothing";
    return ((*found)->kind == Kind::file ? "file " : "folder ") + (*found)->path;
}

std::string content(const FileSystem& files, std::string_view path) {
    const auto text = files.read(path);
    if (!text) return text.error().message;
    return text->value_or("nothing");
}

TEST(EmbeddedFileSystem, HasWhatItWasGiven) {
    const EmbeddedFileSystem files{{"/a.js", "A"}, {"/lib/b.js", "B"}, {"/lib-x.js", "X"}, {"/lib/deep/c.js", ""}};
    EXPECT_EQ(at(files, "/a.js"), "file /a.js");
    EXPECT_EQ(at(files, "/lib"), "folder /lib");
    EXPECT_EQ(at(files, "/lib/deep"), "folder /lib/deep");
    EXPECT_EQ(at(files, "/"), "folder /");
    EXPECT_EQ(at(files, "/li"), "nothing");
    EXPECT_EQ(at(files, "/lib/b.js/x"), "nothing");
    EXPECT_EQ(content(files, "/lib/b.js"), "B");
    EXPECT_EQ(content(files, "/lib/deep/c.js"), "");
    EXPECT_EQ(content(files, "/lib"), "nothing");
    EXPECT_EQ(at(EmbeddedFileSystem{}, "/"), "nothing");
}

TEST(EmbeddedFileSystem, RefusesWhatCannotBe) {
    using Files = std::initializer_list<EmbeddedFile>;
    EXPECT_THROW(EmbeddedFileSystem(Files{{"a.js", ""}}), std::invalid_argument);
    EXPECT_THROW(EmbeddedFileSystem(Files{{"/", ""}}), std::invalid_argument);
    EXPECT_THROW(EmbeddedFileSystem(Files{{"/a/../b", ""}}), std::invalid_argument);
    EXPECT_THROW(EmbeddedFileSystem(Files{{"/a", ""}, {"/a", ""}}), std::invalid_argument);
    EXPECT_THROW(EmbeddedFileSystem(Files{{"/a", ""}, {"/a/b", ""}}), std::invalid_argument);
    EXPECT_THROW(EmbeddedFileSystem(Files{{"/a/b/c", ""}, {"/a/b", ""}}), std::invalid_argument);
}

TEST(MemoryFileSystem, ChangesAtRunTime) {
    MemoryFileSystem files;
    EXPECT_EQ(at(files, "/a/b.js"), "nothing");
    ASSERT_TRUE(files.add("/a/b.js", "1"));
    EXPECT_EQ(at(files, "/a/b.js"), "file /a/b.js");
    EXPECT_EQ(at(files, "/a"), "folder /a");
    ASSERT_TRUE(files.add("/a/b.js", "2"));
    EXPECT_EQ(content(files, "/a/b.js"), "2");
    EXPECT_TRUE(files.remove("/a/b.js"));
    EXPECT_FALSE(files.remove("/a/b.js"));
    EXPECT_EQ(at(files, "/a"), "nothing");
}

TEST(MemoryFileSystem, SaysWhyAFileCannotBeAdded) {
    MemoryFileSystem files;
    ASSERT_TRUE(files.add("/a/b.js", ""));
    EXPECT_THAT(files.add("/a", "").error().message, HasSubstr("folder already"));
    EXPECT_THAT(files.add("/a/b.js/c", "").error().message, HasSubstr("/a/b.js is a file already"));
    EXPECT_THAT(files.add("x.js", "").error().message, AllOf(HasSubstr("x.js"), HasSubstr("/lib/math.js")));
    EXPECT_EQ(files.add("/a\\b", "").error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(files.add("/\xff", "").error().code, ErrorCode::invalid_argument);
}

TEST(MemoryFileSystem, IsForManyThreads) {
    MemoryFileSystem files;
    ASSERT_TRUE(files.add("/shared.js", "aaaa"));
    std::atomic<bool> stop{false};
    std::jthread writer([&] {
        for (int i = 0; !stop; ++i) {
            if (!files.add("/shared.js", std::string(4, static_cast<char>('a' + i % 26)))) return;
            files.remove("/other.js");
            if (!files.add("/other.js", "x")) return;
        }
    });
    for (int i = 0; i < 2000; ++i) {
        const std::string text = content(files, "/shared.js");
        ASSERT_EQ(text, std::string(4, text[0]));
        ASSERT_EQ(at(files, "/shared.js"), "file /shared.js");
    }
    stop = true;
}

// A folder "inside" beside what must not be reached.
class DirectoryFileSystemTest : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = std::filesystem::temp_directory_path() / "curfew-files-XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        top_ = std::filesystem::canonical(pattern);
        std::filesystem::create_directories(top_ / "inside/lib");
        write("secret.js", "secret");
        write("inside/a.js", "A");
        write("inside/lib/b.js", "B");
    }
    void TearDown() override { std::filesystem::remove_all(top_); }

    void write(const std::string& path, std::string_view text) const {
        std::ofstream(top_ / path, std::ios::binary) << text;
    }
    void link(const std::string& path, const std::string& target) const {
        std::filesystem::create_symlink(target, top_ / path);
    }
    std::shared_ptr<const DirectoryFileSystem> open(DirectoryFileSystem::Options options = {
                                                        .mount_point = "/m"}) const {
        auto files = DirectoryFileSystem::open(top_ / "inside", std::move(options));
        EXPECT_TRUE(files) << files.error().message;
        return files ? *files : nullptr;
    }

    std::filesystem::path top_;
};

TEST_F(DirectoryFileSystemTest, ServesAFolder) {
    const auto files = open();
    EXPECT_EQ(at(*files, "/m"), "folder /m");
    EXPECT_EQ(at(*files, "/m/lib"), "folder /m/lib");
    EXPECT_EQ(at(*files, "/m/lib/b.js"), "file /m/lib/b.js");
    EXPECT_EQ(content(*files, "/m/lib/b.js"), "B");
    EXPECT_EQ(at(*files, "/m/c.js"), "nothing");
    EXPECT_EQ(content(*files, "/m/c.js"), "nothing");
    EXPECT_EQ(content(*files, "/m/lib"), "nothing");
    EXPECT_EQ(at(*files, "/m/a.js/x"), "nothing");
    EXPECT_EQ(at(*files, "/"), "nothing");
    EXPECT_EQ(at(*files, "/mm/a.js"), "nothing");
    EXPECT_EQ(at(*files, "/m/" + std::string(300, 'x')), "nothing");
}

TEST_F(DirectoryFileSystemTest, IsMountedAtItsRealPathOrAnywhere) {
    const std::string real = top_ / "inside";
    EXPECT_EQ(open({})->mount_point(), real);
    EXPECT_EQ(at(*open({}), real + "/a.js"), "file " + real + "/a.js");
    EXPECT_EQ(at(*open({.mount_point = "/"}), "/lib/b.js"), "file /lib/b.js");
    EXPECT_EQ(at(*open({.mount_point = "/"}), "/"), "folder /");
    EXPECT_EQ(at(*open({.mount_point = "/x/y"}), "/x/y/a.js"), "file /x/y/a.js");
    link("linked", "inside");
    const auto linked = DirectoryFileSystem::open(top_ / "linked");
    ASSERT_TRUE(linked);
    EXPECT_EQ((*linked)->mount_point(), real);
}

TEST_F(DirectoryFileSystemTest, CannotBeLeft) {
    const std::string secret = top_ / "secret.js";
    link("inside/up.js", "../secret.js");
    link("inside/absolute.js", secret);
    link("inside/root", "/");
    link("inside/lib/far", "../..");
    link("inside/self", "/proc/self/root");
    const auto files = open();
    for (const std::string path : {"/m/up.js", "/m/absolute.js", "/m/root", "/m/root/etc/passwd",
                                   "/m/lib/far/secret.js", "/m/self/etc/passwd"}) {
        EXPECT_THAT(at(*files, path), AllOf(HasSubstr(path), HasSubstr("leads out of the folder"))) << path;
        EXPECT_THAT(content(*files, path), HasSubstr("leads out of the folder")) << path;
    }
    // Callers pass normal paths only; others find nothing all the same.
    for (const std::string& path :
         {std::string("/m/../secret.js"), std::string("/m/lib/../../secret.js"), secret, std::string("m/a.js"),
          std::string("/m/"), std::string("/etc/passwd"), std::string("/m/a.js\0x", 9)}) {
        EXPECT_EQ(at(*files, path), "nothing") << path;
        EXPECT_EQ(content(*files, path), "nothing") << path;
    }
}

TEST_F(DirectoryFileSystemTest, FollowsLinksThatStayInside) {
    link("inside/c.js", "lib/b.js");
    link("inside/lib/back", "..");
    link("inside/loop", "loop");
    const auto files = open();
    EXPECT_EQ(at(*files, "/m/c.js"), "file /m/lib/b.js");
    EXPECT_EQ(content(*files, "/m/c.js"), "B");
    EXPECT_EQ(at(*files, "/m/lib/back"), "folder /m");
    EXPECT_EQ(at(*files, "/m/lib/back/lib/back/a.js"), "file /m/a.js");
    EXPECT_THAT(at(*files, "/m/loop"), HasSubstr("too many symbolic links"));
}

TEST_F(DirectoryFileSystemTest, ReadsRegularFilesOnly) {
    ASSERT_EQ(mkfifo((top_ / "inside/pipe.js").c_str(), 0600), 0);
    const auto files = open();
    EXPECT_THAT(at(*files, "/m/pipe.js"), HasSubstr("neither a file nor a folder"));
    EXPECT_THAT(content(*files, "/m/pipe.js"), HasSubstr("neither a file nor a folder"));
    const auto devices = DirectoryFileSystem::open("/dev", {.mount_point = "/dev"});
    ASSERT_TRUE(devices) << devices.error().message;
    EXPECT_THAT(content(**devices, "/dev/zero"), HasSubstr("neither a file nor a folder"));
}

TEST_F(DirectoryFileSystemTest, BoundsTheSizeOfFiles) {
    write("inside/ten.js", "0123456789");
    EXPECT_EQ(content(*open({.mount_point = "/m", .max_file_size = 10}), "/m/ten.js"), "0123456789");
    EXPECT_THAT(content(*open({.mount_point = "/m", .max_file_size = 9}), "/m/ten.js"), HasSubstr("more than 9 bytes"));
    // Files whose size is not known before they are read.
    const auto kernel = DirectoryFileSystem::open("/proc/self", {.mount_point = "/p", .max_file_size = 16});
    ASSERT_TRUE(kernel) << kernel.error().message;
    EXPECT_THAT(content(**kernel, "/p/status"), HasSubstr("more than 16 bytes"));
    const auto roomy = DirectoryFileSystem::open("/proc/self", {.mount_point = "/p"});
    EXPECT_THAT(content(**roomy, "/p/status"), AllOf(HasSubstr("Pid:"), HasSubstr("ctxt_switches")));
}

TEST_F(DirectoryFileSystemTest, StaysTheSameFolder) {
    const auto files = open();
    std::filesystem::rename(top_ / "inside", top_ / "moved");
    std::filesystem::create_directory(top_ / "inside");
    EXPECT_EQ(content(*files, "/m/a.js"), "A");
    EXPECT_EQ(at(*files, "/m/lib/b.js"), "file /m/lib/b.js");
    std::filesystem::remove_all(top_ / "moved");
    EXPECT_EQ(at(*files, "/m/a.js"), "nothing");
}

// While someone swaps a folder for a link to the outside, again and again, no look-up gets there.
TEST_F(DirectoryFileSystemTest, IsNotLeftByARace) {
    std::filesystem::create_directory(top_ / "outside");
    write("outside/b.js", "secret");
    link("link", "../outside");
    const auto files = open();
    std::atomic<bool> stop{false};
    std::atomic<int> swaps{0};
    std::jthread swapper([&] {
        const std::string folder = top_ / "inside/lib";
        const std::string other = top_ / "link";
        constexpr unsigned kExchange = 2;  // RENAME_EXCHANGE
        while (!stop && ::syscall(SYS_renameat2, AT_FDCWD, folder.c_str(), AT_FDCWD, other.c_str(), kExchange) == 0) {
            ++swaps;
        }
    });
    for (int i = 0; i < 5000 || swaps < 100; ++i) {
        ASSERT_NE(content(*files, "/m/lib/b.js"), "secret");
    }
    stop = true;
}

TEST_F(DirectoryFileSystemTest, SaysWhyAFolderCannotBeServed) {
    const auto none = DirectoryFileSystem::open(top_ / "none");
    EXPECT_EQ(none.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(none.error().message, AllOf(HasSubstr("none"), HasSubstr("No such file")));
    EXPECT_THAT(DirectoryFileSystem::open(top_ / "secret.js").error().message, HasSubstr("Not a directory"));
    for (const char* const mount : {"m", "/m/", "/../m", "/m//n", "/m\\n", "/\xff"}) {
        const auto refused = DirectoryFileSystem::open(top_, {.mount_point = mount});
        ASSERT_FALSE(refused) << mount;
        EXPECT_THAT(refused.error().message, HasSubstr("mount point")) << mount;
    }
}

}  // namespace
}  // namespace curfew
