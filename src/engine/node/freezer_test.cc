// What the freezer makes of Node.js, and what it says when it cannot.
#include "engine/node/freezer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/descriptor.h"
#include "wire/frozen_image.h"

namespace curfew::engine {
namespace {

using base::Descriptor;
using ::testing::HasSubstr;
using wire::FrozenHeader;
using wire::FrozenSegment;
using wire::FrozenSource;
using wire::kPageSize;

Descriptor program() { return Descriptor(::open(CURFEW_NODE_PROGRAM, O_RDONLY | O_CLOEXEC)); }

Descriptor empty_file() { return Descriptor(::memfd_create("freezer-test", MFD_CLOEXEC)); }

Descriptor file_with(std::string_view content) {
    Descriptor file(::memfd_create("freezer-test", 0));
    EXPECT_EQ(::write(file.get(), content.data(), content.size()), static_cast<ssize_t>(content.size()));
    return file;
}

std::uint64_t size_of(const Descriptor& file) {
    struct stat status{};
    EXPECT_EQ(::fstat(file.get(), &status), 0);
    return static_cast<std::uint64_t>(status.st_size);
}

// An image, made once for all tests that only look at it.
class FrozenNode : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        image_ = empty_file();
        program_ = program();
        const auto frozen = freeze({.program = program_.get(), .image = image_.get()});
        ASSERT_TRUE(frozen) << frozen.error().message;
        ASSERT_EQ(::pread(image_.get(), &header_, sizeof header_, 0), static_cast<ssize_t>(sizeof header_));
        ASSERT_LE(header_.segment_count, wire::kMaxFrozenSegments);
        segments_.assign(header_.segments, header_.segments + header_.segment_count);
    }

    static const FrozenSegment* segment_at(std::uint64_t address) {
        for (const FrozenSegment& segment : segments_) {
            if (address >= segment.address && address - segment.address < segment.length) return &segment;
        }
        return nullptr;
    }

    static inline Descriptor image_, program_;
    static inline FrozenHeader header_{};
    static inline std::vector<FrozenSegment> segments_;
};

TEST_F(FrozenNode, HasAHeaderThatSaysWhatItIs) {
    EXPECT_EQ(std::memcmp(header_.magic, wire::kFrozenMagic, sizeof header_.magic), 0);
    EXPECT_EQ(header_.layout, wire::kFrozenLayout);
    EXPECT_EQ(header_.file_length, size_of(image_));
    EXPECT_EQ(header_.program_length, size_of(program_));
}

TEST_F(FrozenNode, HasSegmentsInOrderAndInTheirPlaces) {
    ASSERT_FALSE(segments_.empty());
    std::uint64_t end = 0;
    for (const FrozenSegment& segment : segments_) {
        SCOPED_TRACE(segment.address);
        EXPECT_GE(segment.address, end);
        EXPECT_GT(segment.length, 0U);
        EXPECT_EQ(segment.address % kPageSize, 0U);
        EXPECT_EQ(segment.length % kPageSize, 0U);
        end = segment.address + segment.length;
        EXPECT_LE(end, wire::kFrozenAddressLimit);
        const bool is_programs = end <= wire::kFrozenProgramLimit;
        const bool is_behind_the_cells_own =
            segment.address >= wire::kFrozenArenaBase &&
            (end <= wire::kFrozenForbiddenBase || segment.address >= wire::kFrozenForbiddenLimit);
        EXPECT_TRUE(is_programs || is_behind_the_cells_own);
        EXPECT_NE(segment.protection & PROT_READ, 0U);
    }
}

TEST_F(FrozenNode, HasContentThatLiesInItsFiles) {
    for (const FrozenSegment& segment : segments_) {
        SCOPED_TRACE(segment.address);
        if (segment.source == FrozenSource::image) {
            EXPECT_GE(segment.offset, kPageSize);
            EXPECT_LE(segment.offset + segment.length, header_.file_length);
        } else if (segment.source == FrozenSource::program) {
            EXPECT_LT(segment.offset + segment.length, header_.program_length + kPageSize);
        } else {
            EXPECT_EQ(segment.offset, 0U);
        }
        if (segment.grows != 0) {
            EXPECT_EQ(segment.source, FrozenSource::zero);
        }
    }
}

TEST_F(FrozenNode, GrowsBehindArenaAndHeap) {
    std::vector<std::uint64_t> ends;
    for (const FrozenSegment& segment : segments_) {
        if (segment.grows != 0) ends.push_back(segment.address + segment.length);
    }
    EXPECT_THAT(ends, ::testing::ElementsAre(wire::kFrozenArenaBase + wire::kFrozenArenaSize,
                                             wire::kFrozenHeapBase + wire::kFrozenHeapSize));
}

TEST_F(FrozenNode, GoesOnInItsOwnCodeAndStack) {
    const FrozenSegment* const stack = segment_at(header_.stack_pointer);
    ASSERT_NE(stack, nullptr);
    EXPECT_EQ(stack->source, FrozenSource::image);
    EXPECT_NE(stack->protection & PROT_WRITE, 0U);
    EXPECT_GE(header_.stack_pointer, wire::kFrozenStackBase);
    EXPECT_LT(header_.stack_pointer, wire::kFrozenStackBase + wire::kFrozenStackSize);
    EXPECT_EQ(segment_at(header_.fs_base), stack);
    for (const std::uint64_t code : {header_.instruction, header_.call_entry}) {
        const FrozenSegment* const segment = segment_at(code);
        ASSERT_NE(segment, nullptr);
        EXPECT_NE(segment->protection & PROT_EXEC, 0U);
    }
}

TEST_F(FrozenNode, TakesMostFromTheProgramsFile) {
    std::uint64_t from_program = 0;
    std::uint64_t writable = 0;
    for (const FrozenSegment& segment : segments_) {
        if (segment.source == FrozenSource::program) from_program += segment.length;
        if (segment.source == FrozenSource::image && (segment.protection & PROT_WRITE) != 0) writable += segment.length;
    }
    EXPECT_GT(from_program, header_.program_length / 2);
    EXPECT_LT(header_.file_length, std::uint64_t{100} << 20);
    EXPECT_LT(writable, std::uint64_t{64} << 20);
}

TEST(Freezer, WorksInSeveralThreadsAtOnce) {
    std::vector<std::string> failures(2);
    {
        std::vector<std::jthread> threads;
        for (std::string& failure : failures) {
            threads.emplace_back([&failure] {
                const Descriptor image = empty_file();
                const Descriptor node = program();
                const auto frozen = freeze({.program = node.get(), .image = image.get()});
                if (!frozen) failure = frozen.error().message;
            });
        }
    }
    EXPECT_THAT(failures, ::testing::Each(""));
}

// As many hosts have it: children that nobody waits for, and descriptors that are passed on.
TEST(Freezer, WorksInAHostThatIgnoresItsChildrenAndLeaksDescriptors) {
    const auto before = ::signal(SIGCHLD, SIG_IGN);
    const Descriptor leaked(::dup(STDIN_FILENO));
    const Descriptor image = empty_file();
    const Descriptor node = program();
    const auto frozen = freeze({.program = node.get(), .image = image.get()});
    ::signal(SIGCHLD, before);
    ASSERT_TRUE(frozen) << frozen.error().message;
    EXPECT_GT(size_of(image), kPageSize);
}

// Where it may not reserve addresses, it says so. Sanitizers could not go on with as few.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(Freezer, SaysThatThereAreNotEnoughAddresses) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_AS, &before), 0);
    const rlimit small{.rlim_cur = rlim_t{8} << 30, .rlim_max = before.rlim_max};
    const Descriptor image = empty_file();
    const Descriptor node = program();
    ASSERT_EQ(::setrlimit(RLIMIT_AS, &small), 0);
    const auto frozen = freeze({.program = node.get(), .image = image.get()});
    ASSERT_EQ(::setrlimit(RLIMIT_AS, &before), 0);
    ASSERT_FALSE(frozen);
    EXPECT_THAT(frozen.error().message, HasSubstr("this system does not give memory"));
}
#endif

TEST(Freezer, SaysThatAFileIsNoProgram) {
    const Descriptor image = empty_file();
    const Descriptor text = file_with("this is text\n");
    ASSERT_EQ(::fchmod(text.get(), 0755), 0);
    const auto frozen = freeze({.program = text.get(), .image = image.get()});
    ASSERT_FALSE(frozen);
    EXPECT_EQ(frozen.error().code, ErrorCode::unavailable);
    EXPECT_EQ(frozen.error().message, "the program of Node.js is no program for this machine");
}

TEST(Freezer, SaysThatThereIsNoProgram) {
    const Descriptor image = empty_file();
    const auto frozen = freeze({.program = -1, .image = image.get()});
    ASSERT_FALSE(frozen);
    EXPECT_EQ(frozen.error().code, ErrorCode::unavailable);
    EXPECT_THAT(frozen.error().message, HasSubstr("Bad file descriptor"));
}

// A program that takes no part in it: the library ends it, since it is no Node.
TEST(Freezer, SaysWhatAnotherProgramSaid) {
    const Descriptor image = empty_file();
    const Descriptor other(::open("/bin/true", O_RDONLY | O_CLOEXEC));
    const auto frozen = freeze({.program = other.get(), .image = image.get()});
    ASSERT_FALSE(frozen);
    EXPECT_NE(frozen.error().message, "");
    EXPECT_EQ(size_of(image), 0U);
}

TEST(Freezer, StopsWhenTheTimeIsOver) {
    const Descriptor image = empty_file();
    const Descriptor node = program();
    const auto frozen =
        freeze({.program = node.get(), .image = image.get(), .time_limit = std::chrono::milliseconds(1)});
    ASSERT_FALSE(frozen);
    EXPECT_EQ(frozen.error().code, ErrorCode::unavailable);
    EXPECT_EQ(frozen.error().message, "Node.js did not get ready to be frozen within 1 ms");
}

}  // namespace
}  // namespace curfew::engine
