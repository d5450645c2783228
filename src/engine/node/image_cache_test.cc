#include "engine/node/image_cache.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <thread>
#include <vector>

#include "base/error.h"
#include "engine/store/folder.h"
#include "engine/testing/places.h"
#include "wire/frozen_image.h"

namespace curfew::engine {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using wire::FrozenHeader;

constexpr std::size_t kLength = std::size_t{3} * wire::kPageSize;

std::string content_of(const cell::MemoryFile& file) {
    std::string content(file.size(), '\0');
    EXPECT_TRUE(file.read(0, std::as_writable_bytes(std::span(content))));
    return content;
}

class ImageCache : public testing::Test {
  protected:
    // Writes what looks like an image, of which each is another.
    Freeze freezer() {
        return [this](const FreezeRequest& request) -> Result<void> {
            const int number = ++frozen_;
            std::string image(kLength, static_cast<char>('a' + number));
            FrozenHeader header{};
            std::memcpy(header.magic, wire::kFrozenMagic, sizeof header.magic);
            header.layout = wire::kFrozenLayout;
            header.file_length = image.size();
            std::memcpy(image.data(), &header, sizeof header);
            EXPECT_EQ(::pwrite(request.image, image.data(), image.size(), 0), static_cast<ssize_t>(image.size()));
            return {};
        };
    }

    ImageRequest request() { return {.key = std::string(32, 'k'), .freeze = freezer(), .longest_wait = 1min}; }

    ReadyImage ready(const ImageRequest& request) {
        auto image = ready_image(place_.path(), request);
        if (!image) throw std::runtime_error(image.error().message);
        return std::move(*image);
    }

    std::string image_file() const { return place_ / ("images/" + std::string(32, 'k') + ".image"); }

    // Changes bytes of the image's file.
    void change(std::size_t offset, std::string_view bytes) const {
        ::chmod(image_file().c_str(), 0644);
        const base::Descriptor file(::open(image_file().c_str(), O_WRONLY));
        EXPECT_EQ(::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset)),
                  static_cast<ssize_t>(bytes.size()));
    }

    void cut(std::size_t length) const {
        ::chmod(image_file().c_str(), 0644);
        fs::resize_file(image_file(), length);
    }

    // That it is not taken, for this reason, and that the next one is good again.
    void is_made_anew(std::string_view reason) {
        const int before = frozen_;
        const ReadyImage image = ready(request());
        EXPECT_TRUE(image.was_made);
        EXPECT_THAT(image.warning, AllOf(HasSubstr(std::string(reason)), EndsWith(", and was made anew")));
        EXPECT_EQ(image.path, image_file());
        EXPECT_EQ(frozen_, before + 1);
        const ReadyImage next = ready(request());
        EXPECT_FALSE(next.was_made);
        EXPECT_EQ(next.warning, "");
        EXPECT_EQ(content_of(next.file), content_of(image.file));
    }

    // That it is made, and kept by nobody.
    void is_in_memory_only(std::string_view reason, const std::string& folder) {
        const auto image = ready_image(folder, request());
        ASSERT_TRUE(image) << image.error().message;
        EXPECT_TRUE(image->was_made);
        EXPECT_EQ(image->path, "");
        EXPECT_THAT(image->warning, AllOf(HasSubstr("is kept in memory only"), HasSubstr(std::string(reason))));
        EXPECT_EQ(image->file.size(), kLength);
    }

    TestFolder place_;
    std::atomic<int> frozen_ = 0;
};

TEST_F(ImageCache, MakesAnImageOnce) {
    int told = 0;
    ImageRequest first = request();
    first.on_making = [&] { ++told; };
    EXPECT_EQ(find_image(place_.path(), first.key), std::nullopt);
    const ReadyImage made = ready(first);
    EXPECT_TRUE(made.was_made);
    EXPECT_EQ(made.path, image_file());
    EXPECT_EQ(made.warning, "");
    const ReadyImage found = ready(first);
    EXPECT_FALSE(found.was_made);
    EXPECT_EQ(found.path, image_file());
    EXPECT_EQ(content_of(found.file), content_of(made.file));
    EXPECT_EQ(frozen_, 1);
    EXPECT_EQ(told, 1) << "nobody waits for one that is there";
    EXPECT_EQ(find_image(place_.path(), first.key)->bytes, kLength);
}

TEST_F(ImageCache, GivesWhatNobodyCanChange) {
    const auto cannot_be_changed = [](const ReadyImage& image) {
        EXPECT_EQ(::pwrite(image.file.descriptor(), "x", 1, 0), -1);
        EXPECT_EQ(::ftruncate(image.file.descriptor(), 0), -1);
    };
    cannot_be_changed(ready(request()));
    cannot_be_changed(ready(request()));
    cannot_be_changed(ready_image("", request()).value());
    EXPECT_EQ(fs::status(image_file()).permissions(), fs::perms(0444));
}

TEST_F(ImageCache, StaysWhatItIsWhenItsFileIsReplaced) {
    const ReadyImage image = ready(request());
    const std::string before = content_of(image.file);
    ImageRequest again = request();
    again.is_damaged = true;
    EXPECT_NE(content_of(ready(again).file), before);
    EXPECT_EQ(content_of(image.file), before);
    remove_images(place_.path());
    EXPECT_EQ(content_of(image.file), before);
}

TEST_F(ImageCache, KnowsImagesByTheirKeys) {
    ready(request());
    ImageRequest other = request();
    other.key = std::string(32, 'o');
    EXPECT_TRUE(ready(other).was_made);
    // A file under a name that is not its own.
    fs::rename(place_ / ("images/" + other.key + ".image"), image_file());
    is_made_anew("it was made of something else");
}

TEST_F(ImageCache, MakesADamagedOneAnew) {
    ready(request());
    change(kLength - 1, "!");
    is_made_anew("its checksum is wrong");
    change(offsetof(FrozenHeader, instruction), "!");
    is_made_anew("its checksum is wrong");
    change(offsetof(FrozenHeader, checksum), "!");
    is_made_anew("its checksum is wrong");
    change(0, "nonsense");
    is_made_anew("it is no image");
    cut(kLength - wire::kPageSize);
    is_made_anew("it was cut");
    cut(kLength + 1);
    is_made_anew("it was cut");
    cut(10);
    is_made_anew("is no image");
    cut(0);
    is_made_anew("is no image");
}

TEST_F(ImageCache, MakesOneOfAnotherLayoutAnew) {
    ready(request());
    const std::uint32_t older = wire::kFrozenLayout - 1;
    change(offsetof(FrozenHeader, layout), {reinterpret_cast<const char*>(&older), sizeof older});
    is_made_anew("it is of another version");
}

TEST_F(ImageCache, MakesOneAnewThatWasOfNoUse) {
    ready(request());
    ImageRequest again = request();
    again.is_damaged = true;
    EXPECT_TRUE(ready(again).was_made);
    EXPECT_FALSE(ready(request()).was_made);
}

TEST_F(ImageCache, TrustsNoFilesOfOthers) {
    ready(request());
    ::chmod(image_file().c_str(), 0666);
    is_made_anew("can be written by others");
    if (::chown(image_file().c_str(), 54321, 54321) != 0) GTEST_SKIP() << "only root can give files away";
    is_made_anew("belongs to another user (54321)");
}

TEST_F(ImageCache, FollowsNoLinks) {
    ready(request());
    fs::rename(image_file(), place_ / "elsewhere");
    fs::create_symlink(place_ / "elsewhere", image_file());
    is_made_anew("is a link, and not a file");
}

TEST_F(ImageCache, DoesWithoutAFolder) { is_in_memory_only("set CURFEW_CACHE_DIR or HOME", ""); }

TEST_F(ImageCache, DoesWithoutAFolderThatCannotBeMade) {
    write_file(place_ / "file", "");
    is_in_memory_only("/file/images cannot be ", place_ / "file");
}

TEST_F(ImageCache, DoesWithoutAFolderOfOthers) {
    fs::create_directory(place_ / "images");
    ::chmod((place_ / "images").c_str(), 0777);
    is_in_memory_only("can be written by others", place_.path());
    ::chmod((place_ / "images").c_str(), 0755);
    if (::chown((place_ / "images").c_str(), 54321, 54321) != 0) GTEST_SKIP() << "only root can give folders away";
    is_in_memory_only("belongs to another user (54321)", place_.path());
}

TEST_F(ImageCache, DoesNotWaitForEver) {
    const auto folder = Folder::make(place_ / "images");
    ASSERT_TRUE(folder);
    ImageRequest impatient = request();
    impatient.longest_wait = 30ms;
    const auto held = folder->lock(impatient.key + ".lock", 0ms);
    ASSERT_TRUE(held);
    const auto image = ready_image(place_.path(), impatient);
    ASSERT_TRUE(image);
    EXPECT_THAT(image->warning, HasSubstr("has been held by another process for too long"));
    EXPECT_EQ(image->path, "");
    EXPECT_FALSE(fs::exists(image_file()));
}

// Files of a process that may not make files this large.
TEST_F(ImageCache, DoesWithoutAFileThatCannotBeWritten) {
    // Somebody removes the folder, or takes the right to write in it, while the image is made.
    ImageRequest late = request();
    late.freeze = [this, freeze = freezer()](const FreezeRequest& wish) {
        fs::remove_all(place_ / "images");
        return freeze(wish);
    };
    const auto image = ready_image(place_.path(), late);
    ASSERT_TRUE(image) << image.error().message;
    EXPECT_THAT(image->warning, AllOf(HasSubstr("is kept in memory only"), HasSubstr("cannot be made")));
    EXPECT_EQ(image->file.size(), kLength);
}

// Runs in a child, whose mounts are its own. Its exit status is what `body` returns; 99: no such child is possible here.
int in_own_mounts(const std::function<int()>& body) {
    const pid_t child = ::fork();
    if (child == 0) {
        const bool alone =
            ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
        ::_exit(alone ? body() : 99);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100;
}

TEST_F(ImageCache, DoesWithoutAFullDisk) {
    const int status = in_own_mounts([this] {
        if (::mount("none", place_.path().c_str(), "tmpfs", 0, "size=8k,mode=0755") != 0) return 99;
        is_in_memory_only("No space left on device", place_.path());
        const auto names = Folder::open(place_ / "images");
        if (names && *names) (*names)->remove_old_drafts();
        for (const auto& entry : fs::directory_iterator(place_ / "images")) {
            EXPECT_EQ(entry.path().extension(), ".lock") << "what could not be finished is gone";
        }
        return testing::Test::HasFailure() ? 1 : 0;
    });
    if (status == 99) GTEST_SKIP() << "this needs root";
    EXPECT_EQ(status, 0);
}

TEST_F(ImageCache, ReadsAFolderThatCannotBeWritten) {
    ready(request());
    const int status = in_own_mounts([this] {
        const char* const path = place_.path().c_str();
        if (::mount(path, path, nullptr, MS_BIND, nullptr) != 0 ||
            ::mount(path, path, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) != 0) {
            return 99;
        }
        const ReadyImage found = ready(request());
        EXPECT_FALSE(found.was_made);
        EXPECT_EQ(found.warning, "");
        ImageRequest other = request();
        other.key = std::string(32, 'o');
        EXPECT_THAT(ready(other).warning, HasSubstr("Read-only file system"));
        return testing::Test::HasFailure() ? 1 : 0;
    });
    if (status == 99) GTEST_SKIP() << "this needs root";
    EXPECT_EQ(status, 0);
}

TEST_F(ImageCache, CopiesWhatCannotBeMappedAsCode) {
    const int status = in_own_mounts([this] {
        if (::mount("none", place_.path().c_str(), "tmpfs", MS_NOEXEC, "mode=0755") != 0) return 99;
        const auto can_be_mapped = [](const ReadyImage& image) {
            void* const place =
                ::mmap(nullptr, kLength, PROT_READ | PROT_EXEC, MAP_PRIVATE, image.file.descriptor(), 0);
            if (place != MAP_FAILED) ::munmap(place, kLength);
            return place != MAP_FAILED;
        };
        const ReadyImage made = ready(request()), found = ready(request());
        EXPECT_TRUE(can_be_mapped(made));
        EXPECT_TRUE(can_be_mapped(found));
        EXPECT_FALSE(found.was_made);
        EXPECT_EQ(content_of(found.file), content_of(made.file));
        change(kLength - 1, "!");
        is_made_anew("its checksum is wrong");
        return testing::Test::HasFailure() ? 1 : 0;
    });
    if (status == 99) GTEST_SKIP() << "this needs root";
    EXPECT_EQ(status, 0);
}

TEST_F(ImageCache, FailsAsTheFreezerDoes) {
    ImageRequest failing = request();
    failing.freeze = [](const FreezeRequest&) -> Result<void> {
        return base::fail(ErrorCode::unavailable, "no such luck");
    };
    const auto image = ready_image(place_.path(), failing);
    ASSERT_FALSE(image);
    EXPECT_EQ(image.error().message, "no such luck");
    failing.freeze = [](const FreezeRequest&) -> Result<void> { return {}; };
    const auto empty = ready_image(place_.path(), failing);
    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.error().code, ErrorCode::internal);
    EXPECT_THAT(empty.error().message, HasSubstr("left no image"));
    failing.freeze = [](const FreezeRequest& wish) -> Result<void> {
        EXPECT_EQ(::ftruncate(wish.image, kLength), 0);
        return {};
    };
    const auto zeros = ready_image(place_.path(), failing);
    ASSERT_FALSE(zeros);
    EXPECT_THAT(zeros.error().message, HasSubstr("what it left is no image"));
    EXPECT_TRUE(ready(request()).was_made) << "the lock is free, and nothing was kept";
}

TEST_F(ImageCache, IsMadeByOneThreadOfMany) {
    std::vector<std::thread> threads;
    std::atomic<int> made = 0;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] { made += ready(request()).was_made ? 1 : 0; });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(made, 1);
    EXPECT_EQ(frozen_, 1);
}

TEST_F(ImageCache, IsMadeByOneProcessOfMany) {
    constexpr int kProcesses = 4;
    std::vector<pid_t> children;
    for (int i = 0; i < kProcesses; ++i) {
        const pid_t child = ::fork();
        if (child == 0) ::_exit(ready(request()).was_made ? 1 : 0);
        children.push_back(child);
    }
    int made = 0;
    for (const pid_t child : children) {
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFEXITED(status));
        made += WEXITSTATUS(status);
    }
    EXPECT_EQ(made, 1);
}

TEST_F(ImageCache, ForgetsWhatNobodyHasUsedForAMonth) {
    ready(request());
    ImageRequest other = request();
    other.key = std::string(32, 'o');
    const std::string other_file = place_ / ("images/" + other.key + ".image");
    ready(other);
    const auto age = [](const std::string& path, int days) {
        const timespec then{::time(nullptr) - time_t{86400} * days, 0};
        const timespec times[2] = {then, then};
        ::utimensat(AT_FDCWD, path.c_str(), times, 0);
    };
    age(image_file(), 40);
    age(other_file, 40);
    ready(other);  // which is a use
    ImageRequest third = request();
    third.key = std::string(32, 't');
    ready(third);
    EXPECT_FALSE(fs::exists(image_file()));
    EXPECT_TRUE(fs::exists(other_file));
}

TEST_F(ImageCache, KeepsAFewImagesAndNotMore) {
    for (int i = 0; i < 12; ++i) {
        ImageRequest each = request();
        each.key = std::string(31, 'k') + static_cast<char>('a' + i);
        ready(each);
    }
    std::size_t images = 0, locks = 0;
    for (const auto& entry : fs::directory_iterator(place_ / "images")) {
        images += entry.path().extension() == ".image" ? 1 : 0;
        locks += entry.path().extension() == ".lock" ? 1 : 0;
    }
    EXPECT_EQ(images, 8u);
    EXPECT_EQ(locks, 8u);
}

TEST_F(ImageCache, CanBeEmptied) {
    ready(request());
    write_file(place_ / "images/readme", "stays");
    remove_images(place_.path());
    EXPECT_FALSE(fs::exists(image_file()));
    EXPECT_TRUE(fs::exists(place_ / "images/readme"));
    remove_images("");
    remove_images(place_ / "none");
}

}  // namespace
}  // namespace curfew::engine
