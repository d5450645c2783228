// Memory files: what is sealed cannot change.
#include "cell/memory_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

namespace curfew::cell {
namespace {

constexpr std::size_t kPage = 4096;

std::vector<std::byte> some_bytes(std::size_t count) {
    std::vector<std::byte> bytes(count);
    for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::byte>(i * 7 + 1);
    return bytes;
}

TEST(MemoryFile, HoldsWhatWasWritten) {
    auto file = MemoryFile::create("test", 10 * kPage);
    ASSERT_TRUE(file);
    const auto bytes = some_bytes(2 * kPage + 100);
    ASSERT_TRUE(file->write(kPage - 50, bytes));
    std::vector<std::byte> found(bytes.size());
    ASSERT_EQ(::pread(file->descriptor(), found.data(), found.size(), kPage - 50), static_cast<ssize_t>(found.size()));
    EXPECT_EQ(found, bytes);
    EXPECT_EQ(file->size(), 10 * kPage);
}

TEST(MemoryFile, TakesNoMemoryForZeros) {
    auto file = MemoryFile::create("test", 1000 * kPage);
    ASSERT_TRUE(file);
    std::vector<std::byte> bytes(1000 * kPage);
    bytes[500 * kPage] = std::byte{1};
    ASSERT_TRUE(file->write(0, bytes));
    EXPECT_EQ(file->resident(), kPage);
}

TEST(MemoryFile, CannotBeChangedOnceItIsSealed) {
    auto file = MemoryFile::create("test", 4 * kPage);
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write(0, some_bytes(kPage)));
    ASSERT_TRUE(file->seal());
    const int descriptor = file->descriptor();
    EXPECT_FALSE(file->write(0, some_bytes(1)));
    EXPECT_EQ(::pwrite(descriptor, "x", 1, 0), -1);
    EXPECT_EQ(errno, EPERM);
    EXPECT_EQ(::ftruncate(descriptor, 0), -1);
    EXPECT_EQ(::ftruncate(descriptor, 8 * kPage), -1);
    EXPECT_EQ(::fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, kPage), -1);
    EXPECT_EQ(::fcntl(descriptor, F_ADD_SEALS, F_SEAL_FUTURE_WRITE), -1);
    EXPECT_EQ(::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), MAP_FAILED);
    const std::string reopened = "/proc/self/fd/" + std::to_string(descriptor);
    const Descriptor again(::open(reopened.c_str(), O_RDWR | O_CLOEXEC));
    EXPECT_NE(::pwrite(again.get(), "x", 1, 0), 1);

    // A private mapping may be written, and changes nothing for others.
    void* mapping = ::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptor, 0);
    ASSERT_NE(mapping, MAP_FAILED);
    std::memset(mapping, 0, kPage);
    ::munmap(mapping, kPage);
    std::byte first{};
    EXPECT_EQ(::pread(descriptor, &first, 1, 0), 1);
    EXPECT_EQ(first, std::byte{1});
}

TEST(MemoryFile, CannotBeSealedWhileItIsMappedForWriting) {
    auto file = MemoryFile::create("test", kPage);
    ASSERT_TRUE(file);
    {
        const SharedMapping mapping(file->descriptor(), kPage);
        ASSERT_TRUE(mapping);
        const auto sealed = file->seal();
        ASSERT_FALSE(sealed);
        EXPECT_EQ(sealed.error().code, ErrorCode::unavailable);
    }
    EXPECT_TRUE(file->seal());
}

TEST(MemoryFile, IsNotInheritedByOtherPrograms) {
    const auto file = MemoryFile::create("test", kPage);
    ASSERT_TRUE(file);
    EXPECT_EQ(::fcntl(file->descriptor(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

TEST(Descriptor, IsClosedOnceAndByItsLastOwner) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const int value = ends[0];
    Descriptor first(ends[0]), other(ends[1]);
    Descriptor second(std::move(first));
    EXPECT_FALSE(first);
    EXPECT_EQ(second.get(), value);
    first = std::move(second);
    EXPECT_EQ(first.get(), value);
    {
        const Descriptor last(std::move(first));
        EXPECT_EQ(::fcntl(value, F_GETFD), FD_CLOEXEC);
    }
    EXPECT_EQ(::fcntl(value, F_GETFD), -1);
}

}  // namespace
}  // namespace curfew::cell
