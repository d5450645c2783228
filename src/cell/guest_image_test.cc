// What GuestImage takes for a program, and what it does not.
#include "cell/guest_image.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <random>
#include <vector>

#include "cell/testing/cell_fixture.h"

namespace curfew::cell {
namespace {

using ::testing::HasSubstr;

using Bytes = std::vector<std::byte>;

Bytes test_program() {
    const auto bytes = embedded::curfew_test_guest_program();
    return {bytes.begin(), bytes.end()};
}

// A program with the given segments and nothing in them.
Bytes make_elf(const std::vector<Elf64_Phdr>& segments, std::uint64_t entry = wire::kImageBase) {
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_type = ET_EXEC;
    header.e_machine = EM_X86_64;
    header.e_entry = entry;
    header.e_phoff = sizeof header;
    header.e_phnum = static_cast<Elf64_Half>(segments.size());
    Bytes file(sizeof header + segments.size() * sizeof(Elf64_Phdr) + 4096);
    std::memcpy(file.data(), &header, sizeof header);
    if (!segments.empty()) {
        std::memcpy(file.data() + sizeof header, segments.data(), segments.size() * sizeof(Elf64_Phdr));
    }
    return file;
}

Elf64_Phdr segment(std::uint64_t address, std::uint64_t length, unsigned flags) {
    return {.p_type = PT_LOAD,
            .p_flags = flags,
            .p_offset = 0,
            .p_vaddr = address,
            .p_paddr = address,
            .p_filesz = 0,
            .p_memsz = length,
            .p_align = 4096};
}

constexpr std::uint64_t kBase = wire::kImageBase;
const Elf64_Phdr kText = segment(kBase, 100, PF_R | PF_X);

void expect_refused(const Bytes& elf, const char* why) {
    const auto image = GuestImage::from_elf(elf);
    ASSERT_FALSE(image) << why;
    EXPECT_EQ(image.error().code, ErrorCode::internal);
    EXPECT_THAT(image.error().message, HasSubstr(why));
}

TEST(GuestImage, TakesAProgram) {
    const auto image = GuestImage::from_elf(test_program());
    ASSERT_TRUE(image);
    EXPECT_EQ((*image)->entry(), kBase);
    EXPECT_THAT((*image)->build_id(), ::testing::MatchesRegex("[0-9a-f]{40}"));
    ASSERT_EQ((*image)->segments().size(), 3U);
    EXPECT_TRUE((*image)->segments()[0].executable);
    EXPECT_TRUE((*image)->segments()[2].writable);
    for (const Segment& part : (*image)->segments()) {
        EXPECT_FALSE(part.writable && part.executable);
        EXPECT_EQ(part.offset, part.address - kBase);
    }
}

TEST(GuestImage, TakesTheSmallestAndTheLargestProgram) {
    EXPECT_TRUE(GuestImage::from_elf(make_elf({segment(kBase, 1, PF_R | PF_X)})));
    EXPECT_TRUE(GuestImage::from_elf(make_elf({segment(kBase, wire::kImageLimit - kBase, PF_R | PF_X)})));
}

TEST(GuestImage, RefusesWhatIsNoProgramForACell) {
    expect_refused({}, "not an ELF file");
    expect_refused(Bytes(63), "not an ELF file");
    expect_refused(Bytes(4096, std::byte{'x'}), "not an ELF file");
    auto changed = [](const std::function<void(Elf64_Ehdr&)>& change) {
        Bytes file = make_elf({kText});
        Elf64_Ehdr header;
        std::memcpy(&header, file.data(), sizeof header);
        change(header);
        std::memcpy(file.data(), &header, sizeof header);
        return file;
    };
    expect_refused(changed([](Elf64_Ehdr& header) { header.e_type = ET_DYN; }), "not a static program");
    expect_refused(changed([](Elf64_Ehdr& header) { header.e_machine = EM_AARCH64; }), "not a static program");
    expect_refused(changed([](Elf64_Ehdr& header) { header.e_phnum = 0; }), "entry is not in its text");
    expect_refused(changed([](Elf64_Ehdr& header) { header.e_entry = 0; }), "entry is not in its text");
    expect_refused(changed([](Elf64_Ehdr& header) { header.e_entry = kBase + 4096; }), "entry is not in its text");
    expect_refused(changed([](Elf64_Ehdr& header) { header.e_phnum = 0xffff; }), "headers lie outside");
    for (const std::uint64_t offset : {1UL << 20, ~0UL, ~0UL - 55, ~0UL - 56}) {
        expect_refused(changed([&](Elf64_Ehdr& header) { header.e_phoff = offset; }), "headers lie outside");
    }
}

TEST(GuestImage, RefusesSegmentsThatAreNotWhereTheyShouldBe) {
    constexpr auto* kWhy = "not where the layout wants it";
    for (const Elf64_Phdr& wrong :
         {segment(0, 100, PF_R), segment(kBase - 4096, 100, PF_R), segment(wire::kHypercallEntry, 100, PF_R),
          segment(wire::kMailboxBase, 100, PF_R), segment(wire::kHeapBase, 100, PF_R),
          segment(wire::kImageLimit, 1, PF_R), segment(wire::kImageLimit + 4096, 1, PF_R),
          segment(kBase + 4096, wire::kImageLimit - kBase, PF_R), segment(kBase + 4096, ~0UL, PF_R),
          segment(kBase + 4097, 100, PF_R), segment(~0UL << 12, 4096, PF_R)}) {
        expect_refused(make_elf({kText, wrong}), kWhy);
    }
    expect_refused(make_elf({segment(kBase, 5000, PF_R | PF_X), segment(kBase + 4096, 100, PF_R)}), kWhy);  // overlap
    expect_refused(make_elf({segment(kBase + 4096, 100, PF_R), kText}), kWhy);                              // order
    Elf64_Phdr larger = kText;
    larger.p_filesz = 200;
    expect_refused(make_elf({larger}), kWhy);
    larger.p_filesz = 1 << 20;
    expect_refused(make_elf({larger}), "segment lies outside");
    larger.p_filesz = 100;
    larger.p_offset = ~0UL - 50;
    expect_refused(make_elf({larger}), "segment lies outside");
}

TEST(GuestImage, RefusesSegmentsOfTheWrongKind) {
    expect_refused(make_elf({segment(kBase, 100, PF_R | PF_W | PF_X)}), "both writable and executable");
    expect_refused(make_elf({segment(kBase, 100, PF_R | PF_W)}), "entry is not in its text");
    expect_refused(make_elf({kText, segment(kBase + 4096, 100, PF_W), segment(kBase + 8192, 100, PF_W)}),
                   "two writable segments");
    std::vector<Elf64_Phdr> many{kText};
    while (many.size() < GuestImage::kMaxReadOnlySegments) {
        many.push_back(segment(kBase + many.size() * 4096, 100, PF_R));
    }
    many.push_back(segment(kBase + many.size() * 4096, 100, PF_R | PF_W));
    const auto most = GuestImage::from_elf(make_elf(many));
    ASSERT_TRUE(most) << most.error().message;
    many.push_back(segment(kBase + many.size() * 4096, 100, PF_R));
    expect_refused(make_elf(many), "too many segments");
}

// The test program with as many read-only segments as there may be, all but two of them empty.
Bytes program_with_most_segments() {
    Bytes file = test_program();
    Elf64_Ehdr header;
    std::memcpy(&header, file.data(), sizeof header);
    std::vector<Elf64_Phdr> segments;
    std::uint64_t end = 0;
    for (unsigned i = 0; i < header.e_phnum; ++i) {
        Elf64_Phdr program;
        std::memcpy(&program, file.data() + header.e_phoff + i * sizeof program, sizeof program);
        if (program.p_type != PT_LOAD) continue;
        segments.push_back(program);
        end = (program.p_vaddr + program.p_memsz + 4095) / 4096 * 4096;
    }
    while (segments.size() < GuestImage::kMaxReadOnlySegments + 1) {
        segments.push_back(segment(end, 4096, PF_R));
        end += 4096;
    }
    header.e_phoff = file.size();
    header.e_phnum = static_cast<Elf64_Half>(segments.size());
    std::memcpy(file.data(), &header, sizeof header);
    const auto added = std::as_bytes(std::span(segments));
    file.insert(file.end(), added.begin(), added.end());
    return file;
}

TEST(GuestImage, CellsAndSnapshotsHaveRoomForTheMostSegments) {
    const auto image = GuestImage::from_elf(program_with_most_segments());
    ASSERT_TRUE(image) << image.error().message;
    const auto state = initial_state(*image, testing::kTestSizes);
    ASSERT_TRUE(state);
    const auto cell = testing::start_cell(*state);
    EXPECT_EQ(testing::count(*cell), 1U);
    testing::ask(*cell, testing::Order::dirty, 100);
    const auto saved = cell->snapshot();
    ASSERT_TRUE(saved) << saved.error().message;
    const auto next = testing::start_cell(*saved);
    EXPECT_EQ(testing::ask(*next, testing::Order::sum, 100), 100U * 101 / 2);
    ASSERT_TRUE(next->reset()) << next->death().text;
    EXPECT_EQ(testing::count(*next), 2U);
}

TEST(GuestImage, RefusesTruncatedFiles) {
    const Bytes whole = test_program();
    for (std::size_t length = 0; length < whole.size(); length = length < 1024 ? length + 1 : length + 97) {
        const auto image = GuestImage::from_elf(std::span(whole).first(length));
        EXPECT_TRUE(!image || length > 1024) << length;
    }
}

// An image that passes is one that the checks hold for; none may do harm.
TEST(GuestImage, SurvivesRandomChanges) {
    const Bytes whole = test_program();
    std::mt19937_64 random(20);
    const std::size_t headers = sizeof(Elf64_Ehdr) + 5 * sizeof(Elf64_Phdr);
    unsigned taken = 0, refused = 0;
    for (int i = 0; i < 20'000; ++i) {
        Bytes file = whole;
        const auto changes = 1 + random() % 4;
        for (std::uint64_t change = 0; change < changes; ++change) {
            const std::size_t at = random() % headers;
            switch (random() % 3) {
                case 0: file[at] = static_cast<std::byte>(random()); break;
                case 1: file[at] = std::byte{0xff}; break;
                default: file[at] = static_cast<std::byte>(1U << random() % 8); break;
            }
        }
        const auto image = GuestImage::from_elf(file);
        if (!image) {
            EXPECT_FALSE(image.error().message.empty());
            ++refused;
            continue;
        }
        ++taken;
        std::uint64_t end = kBase;
        bool entry = false;
        for (const Segment& part : (*image)->segments()) {
            EXPECT_GE(part.address, end);
            EXPECT_EQ(part.address % 4096, 0U);
            EXPECT_EQ(part.length % 4096, 0U);
            EXPECT_FALSE(part.writable && part.executable);
            end = part.address + part.length;
            EXPECT_LE(end, wire::kImageLimit);
            entry = entry || (part.executable && (*image)->entry() >= part.address && (*image)->entry() < end);
        }
        EXPECT_TRUE(entry);
        // Whatever the checks let through can be mapped, and reset.
        if (taken > 300) continue;
        const auto state = initial_state(*image, testing::kTestSizes);
        ASSERT_TRUE(state);
        const auto cell = testing::start_cell(*state);
        EXPECT_TRUE(cell->reset()) << cell->death().text;
    }
    EXPECT_GT(taken, 0U);
    EXPECT_GT(refused, 0U);
}

TEST(InitialState, RefusesSizesThatTheLayoutHasNoRoomFor) {
    const auto program = *GuestImage::from_elf(test_program());
    constexpr std::uint64_t kHeap = 1 << 20, kStack = 64 << 10;
    for (const MemorySizes wrong :
         {MemorySizes{0, kStack}, MemorySizes{1, kStack}, MemorySizes{4095, kStack}, MemorySizes{kHeap + 1, kStack},
          MemorySizes{wire::kMaxHeapSize + 4096, kStack}, MemorySizes{~0UL, kStack}, MemorySizes{kHeap, 0},
          MemorySizes{kHeap, 4096}, MemorySizes{kHeap, 8193}, MemorySizes{kHeap, wire::kMaxStackSize + 4096},
          MemorySizes{kHeap, ~0UL - 4095}}) {
        const auto state = initial_state(program, wrong);
        ASSERT_FALSE(state);
        EXPECT_EQ(state.error().code, ErrorCode::invalid_argument);
    }
    for (const MemorySizes right : {MemorySizes{4096, 8192}, MemorySizes{wire::kMaxHeapSize, wire::kMaxStackSize}}) {
        const auto state = initial_state(program, right);
        ASSERT_TRUE(state);
        EXPECT_EQ(testing::ask(*testing::start_cell(*state), testing::Order::count), 1U);
    }
}

}  // namespace
}  // namespace curfew::cell
