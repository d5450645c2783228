// Cells of frozen images, beyond the contract: refused system calls go on in the guest, whatever its registers are, and saved
// states keep what was written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "cell/process/cell_request.h"
#include "cell/process/testing/process_fixture.h"
#include "cell/testing/frozen_test_guest.h"

namespace curfew::cell::testing {
namespace {

using ::testing::HasSubstr;

std::unique_ptr<ProcessCell> make_frozen_cell(const CellOptions& options = {}) {
    return make_cell_with(options, frozen_test_image());
}

// --- What is refused goes on ---

TEST(RefusedCalls, GoOnInTheGuestWithEveryNumber) {
    const auto cell = make_frozen_cell();
    constexpr std::uint64_t kUretprobe = 335, kUprobe = 336;  // which kernels may answer themselves
    for (std::uint64_t number = 0; number < 470; ++number) {
        if (number == kUretprobe || number == kUprobe) continue;
        put_in_window(*cell, SystemCall{number, {11, 12, 13, 14, 15, 16}});
        ASSERT_EQ(ask(*cell, Order::system_call_with), number + kRefused);
    }
    for (const std::uint64_t number : {511UL, 1000UL, 0x7fffffffUL}) {
        EXPECT_EQ(ask(*cell, Order::system_call, number), number + kRefused);
    }
    EXPECT_EQ(count(*cell), 1U);
}

TEST(RefusedCalls, DoNotTakeEffect) {
    const auto cell = make_frozen_cell();
    EXPECT_EQ(ask(*cell, Order::system_call, 57 /* fork */), 57 + kRefused);
    put_in_window(*cell, SystemCall{9 /* mmap */, {0x500000, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, ~0UL, 0}});
    EXPECT_EQ(ask(*cell, Order::system_call_with), 9 + kRefused);
    EXPECT_EQ(order(*cell, Order::read, 0x500000), Stop::died);
    EXPECT_EQ(cell->death().kind, DeathKind::fault);
}

TEST(RefusedCalls, KeepWhatTheRegistersHold) {
    const auto cell = make_frozen_cell();
    ask(*cell, Order::set_registers);
    ask(*cell, Order::system_call, 39);
    EXPECT_EQ(ask(*cell, Order::get_registers), 5U);  // vector registers, MXCSR, x87 and segments
}

TEST(RefusedCalls, CanBeInterruptedAndResetAtAnyMoment) {
    const auto cell = make_frozen_cell();
    const std::uint64_t fresh = ask(*cell, Order::refused_call_entry);
    for (int i = 0; i < 200; ++i) {
        EXPECT_EQ(ask(*cell, Order::system_call, 1), 1 + kRefused);
        cell->interrupt();
        EXPECT_EQ(cell->resume(), Stop::interrupted);
        ASSERT_TRUE(cell->reset()) << cell->death().text;
        ASSERT_EQ(ask(*cell, Order::refused_call_entry), fresh);
    }
}

// Calls by the other entries say nothing of where to go on in 64-bit code.
TEST(RefusedCalls, Of32BitCodeEndTheCell) {
    const auto cell = make_frozen_cell();
    EXPECT_EQ(order(*cell, Order::system_call_32, 20), Stop::died);
    EXPECT_EQ(cell->death().kind, DeathKind::refused_call);
    const auto other = make_frozen_cell();
    EXPECT_EQ(order(*other, Order::system_call_in_32_bit_code, 20), Stop::died);
    EXPECT_EQ(other->death().kind, DeathKind::refused_call);
}

// The trampoline's own call instruction, reached by a jump with registers of the guest's choice: a stack that is not there, that
// is not the guest's, or that is the signal stack itself.
TEST(RefusedCalls, WithOddStacksEndTheCellOrDoNoHarm) {
    const std::uint64_t elsewhere[] = {0,
                                       8,
                                       kTrampolineBase + 64,
                                       kSignalStackBase + 64,
                                       kSignalStackBase + kSignalStackSize / 2,
                                       kSignalStackBase + kSignalStackSize,
                                       wire::kMailboxBase + 64,
                                       wire::kHeapBase,
                                       wire::kStackTop - kTestSizes.stack,
                                       0x7fffffffffff,
                                       0x800000000000,
                                       ~std::uint64_t{0} - 7};
    // A call instruction of the guest's own, with nothing behind it that comes back.
    for (const std::uint64_t stack : elsewhere) {
        SCOPED_TRACE(stack);
        const auto cell = make_frozen_cell();
        Registers registers{};
        registers.rax = 39;
        registers.rsp = stack;
        put_in_window(*cell, registers);
        const Stop stop = order(*cell, Order::jump, kTrampolineBase);  // its hypercall pushes onto that stack first
        if (stop == Stop::died) continue;
        cell->interrupt();
        EXPECT_TRUE(cell->reset()) << cell->death().text;
        EXPECT_EQ(count(*cell), 1U);
    }
}

TEST(TimeStamps, ReadZeroWhereTheyAreForbidden) {
    const auto cell = make_frozen_cell({.coarse_time = true});
    EXPECT_EQ(order(*cell, Order::read_time_stamp), Stop::called_out) << cell->death().text;
    const auto other = make_frozen_cell({.coarse_time = true});
    EXPECT_EQ(order(*other, Order::illegal_instruction), Stop::died);
    const auto linked = make_cell_with({.coarse_time = true}, linked_test_image());
    EXPECT_EQ(order(*linked, Order::read_time_stamp), Stop::died);
}

// --- Memory ---

TEST(FrozenCells, HaveTheProgramsOwnPages) {
    const auto cell = make_frozen_cell();
    EXPECT_EQ(ask(*cell, Order::read_byte, 0x400000), 0x5aU);
    EXPECT_EQ(order(*cell, Order::write, 0x400000), Stop::died);
}

TEST(FrozenCells, SaveOnlyWhatIsWritten) {
    const auto cell = make_frozen_cell();
    ask(*cell, Order::dirty, 3);
    put_in_window(*cell, ByteRange{wire::kHeapBase + 1000 * wire::kPageSize, 2 * wire::kPageSize});
    ask(*cell, Order::fill);
    const auto saved = cell->snapshot();
    ASSERT_TRUE(saved) << saved.error().message;
    EXPECT_LE((*saved)->state->size(), 40 * wire::kPageSize);
    auto next = make_cell(*saved);
    EXPECT_EQ(ask(*next, Order::sum, 3), 6U);
    EXPECT_EQ(ask(*next, Order::read_byte, wire::kHeapBase + 1000 * wire::kPageSize), 0xffU);
    put_in_window(*next, ByteRange{wire::kHeapBase, 1200 * wire::kPageSize});
    ask(*next, Order::fill);
    ASSERT_TRUE(next->reset()) << next->death().text;
    EXPECT_EQ(ask(*next, Order::sum, 3), 6U);
    EXPECT_EQ(ask(*next, Order::read_byte, wire::kHeapBase + 500 * wire::kPageSize), 0U);
    EXPECT_EQ(ask(*next, Order::read_byte, wire::kHeapBase + 1001 * wire::kPageSize), 0xffU);
}

TEST(FrozenCells, SaveManyPiecesInAFew) {
    const auto cell = make_frozen_cell();
    constexpr std::uint64_t kEvery = 20;
    for (std::uint64_t page = 0; page < 4000; page += kEvery) {
        ask(*cell, Order::write, wire::kHeapBase + page * wire::kPageSize);
    }
    const auto saved = cell->snapshot();
    ASSERT_TRUE(saved) << saved.error().message;
    EXPECT_LE(saved_pieces(**saved).size(), kMaxSavedPieces);
    const auto next = make_cell(*saved);
    for (std::uint64_t page = 0; page < 4000; page += kEvery / 2) {
        ASSERT_EQ(ask(*next, Order::read_byte, wire::kHeapBase + page * wire::kPageSize), page % kEvery == 0 ? 1U : 0U);
    }
}

TEST(Joined, MakesAsFewPiecesAsAskedForWithinTheirWholes) {
    std::vector<Piece> pieces;
    for (std::uint64_t i = 0; i < 100; ++i) {
        pieces.push_back({.address = i * 0x100000 + i * 0x1000, .length = 0x1000});
    }
    const std::vector<Piece> one{{.address = 0, .length = 0x10000000}};
    EXPECT_EQ(joined(pieces, one, 1).size(), 1U);
    EXPECT_LE(joined(pieces, one, 10).size(), 10U);
    EXPECT_EQ(joined(pieces, one, 100).size(), 100U);
    EXPECT_EQ(joined(pieces, {}, 1).size(), 100U);  // nothing that is one's own
    EXPECT_EQ(joined({}, one, 1).size(), 0U);
    // One that has others in it, far from each other.
    const std::vector<Piece> overlapping{{.address = 0, .length = 0x300000},
                                         {.address = 0x1000, .length = 0x1000},
                                         {.address = 0x200000, .length = 0x1000}};
    const auto together = joined(overlapping, one, 48);
    ASSERT_EQ(together.size(), 1U);
    EXPECT_EQ(together[0].length, 0x300000U);
}

// --- Images that make no sense ---

struct Fault {
    const char* name;
    std::function<void(wire::FrozenHeader&)> make;

    friend void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }
};

class FrozenImages : public ::testing::TestWithParam<Fault> {};

TEST_P(FrozenImages, AreRefused) {
    wire::FrozenHeader header = frozen_test_header();
    GetParam().make(header);
    const auto image = make_frozen_test_guest(header);
    ASSERT_FALSE(image);
    EXPECT_EQ(image.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(image.error().message, HasSubstr("the frozen image is malformed: "));
}

using Header = wire::FrozenHeader;
INSTANTIATE_TEST_SUITE_P(
    With, FrozenImages,
    ::testing::Values(
        Fault{"AnotherMagic", [](Header& h) { h.magic[0] = 'c'; }},
        Fault{"AnotherLayout", [](Header& h) { ++h.layout; }},
        Fault{"NoSegments", [](Header& h) { h.segment_count = 0; }},
        Fault{"TooManySegments", [](Header& h) { h.segment_count = wire::kMaxFrozenSegments + 1; }},
        Fault{"AnEmptySegment", [](Header& h) { h.segments[1].length = 0; }},
        Fault{"HalfAPage", [](Header& h) { h.segments[1].length -= 1; }},
        Fault{"SegmentsOutOfOrder", [](Header& h) { std::swap(h.segments[1], h.segments[2]); }},
        Fault{"SegmentsThatOverlap", [](Header& h) { h.segments[1].length += wire::kPageSize; }},
        Fault{"ASegmentOnTheMailbox", [](Header& h) { h.segments[0].address = wire::kMailboxBase; }},
        Fault{"ASegmentOnTheTrampoline", [](Header& h) { h.segments[0].address = kTrampolineBase; }},
        Fault{"ASegmentOnTheLauncher", [](Header& h) { h.segments[0].address = wire::kFrozenProgramLimit; }},
        Fault{"ASegmentAtNull", [](Header& h) { h.segments[0].address = 0; }},
        Fault{"ASegmentOnWhatResetsCopyFrom", [](Header& h) { h.segments[5].address = kPristineState; }},
        Fault{"ASegmentInTheKernel", [](Header& h) { h.segments[5].address = ~std::uint64_t{0xfff}; }},
        Fault{"ASegmentThatWrapsAround", [](Header& h) { h.segments[5].length = ~std::uint64_t{0xfff}; }},
        Fault{"ContentBehindTheEnd", [](Header& h) { h.segments[1].offset += std::uint64_t{1} << 40; }},
        Fault{"ContentInTheHeader", [](Header& h) { h.segments[1].offset = 0; }},
        Fault{"ZerosWithContent", [](Header& h) { h.segments[5].offset = wire::kPageSize; }},
        Fault{"AnUnknownSource", [](Header& h) { h.segments[1].source = static_cast<wire::FrozenSource>(7); }},
        Fault{"ContentThatGrows", [](Header& h) { h.segments[1].grows = 1; }},
        Fault{"AnUnknownProtection", [](Header& h) { h.segments[1].protection = 0x100; }},
        Fault{"AnotherProgram", [](Header& h) { h.program_length += 1; }},
        Fault{"AnInstructionInData", [](Header& h) { h.instruction = wire::kHeapBase; }},
        Fault{"NoCallEntry", [](Header& h) { h.call_entry = 0; }},
        Fault{"AStackInText", [](Header& h) { h.stack_pointer = wire::kImageBase; }},
        Fault{"AThreadAreaNowhere", [](Header& h) { h.fs_base = 0; }}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace curfew::cell::testing
