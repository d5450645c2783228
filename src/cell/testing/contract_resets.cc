// What every cell does: a reset makes everything as in the image again, whatever the guest has overwritten.
#include <cpuid.h>
#include <gtest/gtest.h>
#include <sys/auxv.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "cell/testing/contract.h"
#include "cell/testing/watchdog.h"

namespace curfew::cell::testing {
namespace {

using namespace std::chrono_literals;

std::uint64_t machine_features() {
    std::uint64_t features = 0;
    constexpr unsigned long kFsgsbaseEnabled = 2;
    if ((::getauxval(AT_HWCAP2) & kFsgsbaseEnabled) != 0) features |= kFsgsbase;
    unsigned a = 0, b = 0, c = 0, d = 0;
    __get_cpuid_count(7, 0, &a, &b, &c, &d);
    constexpr unsigned kOsProtectionKeys = 1U << 4;
    if ((c & kOsProtectionKeys) != 0) features |= kProtectionKeys;
    if (__builtin_cpu_supports("avx512bw") != 0) features |= kAvx512;
    return features;
}

InitialRegisters initial_registers(Cell& cell) {
    ask(cell, Order::initial_registers, machine_features());
    return take_from_window<InitialRegisters>(cell);
}

void expect_no_marks(const Registers& registers) {
    std::uint64_t values[sizeof registers / 8];
    std::memcpy(values, &registers, sizeof registers);
    for (const std::uint64_t value : values) EXPECT_NE(value, kMark);
    EXPECT_EQ(registers.rsp, wire::kThreadArea);
    EXPECT_EQ(
        registers.rbp | registers.r8 | registers.r9 | registers.r12 | registers.r13 | registers.r14 | registers.r15,
        0U);
}

TEST_P(CellContract, AResetBringsMemoryAndRegistersBack) {
    const auto cell = make_cell();
    ask(*cell, Order::dirty, 1000);
    ask(*cell, Order::set_registers);
    EXPECT_EQ(ask(*cell, Order::get_registers), 5U);
    EXPECT_GE(cell->pages_written(), 1000U);
    ASSERT_TRUE(cell->reset());
    EXPECT_EQ(ask(*cell, Order::get_registers), 0U);
    EXPECT_EQ(ask(*cell, Order::sum, 1000), 0U);
    EXPECT_LT(cell->pages_written(), 100U);
}

TEST_P(CellContract, AResetBringsEveryRegisterBack) {
    const auto fresh = make_cell();
    const InitialRegisters expected = initial_registers(*fresh);
    constexpr std::uint64_t kArithmetic = 0x8d5;
    EXPECT_EQ(expected.flags & ~kArithmetic, 0x202U);
    const auto cell = make_cell();
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(order_for(*cell, 5ms, Order::seize_registers, machine_features()), Stop::interrupted)
            << cell->death().text;
        ASSERT_TRUE(cell->reset()) << cell->death().text;
        const InitialRegisters found = initial_registers(*cell);
        expect_no_marks(found.general);
        EXPECT_EQ(found.flags & ~kArithmetic, expected.flags & ~kArithmetic);
        EXPECT_EQ(std::memcmp(found.data_segments, expected.data_segments, sizeof found.data_segments), 0);
        EXPECT_EQ(found.fs_base, (machine_features() & kFsgsbase) != 0 ? wire::kThreadArea : 0);
        EXPECT_EQ(found.gs_base, 0U);
        // Whether a component that has its initial value counts as in use is the processor's affair.
        constexpr std::size_t kInUse = 512, kRest = kInUse + 8;
        EXPECT_EQ(std::memcmp(found.extended, expected.extended, kInUse), 0);
        EXPECT_EQ(std::memcmp(found.extended + kRest, expected.extended + kRest, sizeof found.extended - kRest), 0);
    }
}

TEST_P(CellContract, AResetBringsAllMemoryBack) {
    const auto cell = make_cell();
    const auto& segments = cell->image()->program->segments();
    const auto data = std::ranges::find_if(segments, &Segment::writable);
    ASSERT_NE(data, segments.end());
    std::vector<std::uint64_t> probes{wire::kStackTop - kTestSizes.stack,    wire::kHeapBase,
                                      wire::kHeapBase + kTestSizes.heap / 2, wire::kHeapBase + kTestSizes.heap - 1,
                                      data->address + data->length - 1,      wire::kStackTop - 1};
    std::vector<std::uint64_t> before;
    for (const std::uint64_t probe : probes) before.push_back(ask(*cell, Order::read_byte, probe));
    for (const ByteRange range :
         {ByteRange{wire::kHeapBase, kTestSizes.heap}, ByteRange{wire::kThreadArea, wire::kPageSize},
          ByteRange{data->address, data->length}}) {
        put_in_window(*cell, range);
        ask(*cell, Order::fill);
    }
    ask(*cell, Order::fill_stack);
    ask(*cell, Order::scribble_mailbox);
    for (const std::uint64_t probe : probes) EXPECT_EQ(ask(*cell, Order::read_byte, probe), 0xffU) << probe;
    ASSERT_TRUE(cell->reset()) << cell->death().text;
    EXPECT_LT(cell->pages_written(), 80U);  // what is small enough to be copied again stays
    for (std::size_t i = 0; i < probes.size(); ++i) {
        EXPECT_EQ(ask(*cell, Order::read_byte, probes[i]), before[i]) << probes[i];
    }
    EXPECT_EQ(count(*cell), 1U);
}

// It parks with what it likes on the stack and in registers, as far as that is still its own.
TEST_P(CellContract, AResetOfAGuestThatParkedByItselfIsWhole) {
    const auto cell = make_cell();
    for (int i = 0; i < 20; ++i) {
        Registers registers{};
        registers.rbx = registers.r12 = wire::kHeapBase;
        registers.rsp = wire::kHeapBase + 0x1000;
        put_in_window(*cell, registers);
        ASSERT_EQ(order(*cell, Order::jump, wire::kHypercallEntry), Stop::called_out) << cell->death().text;
        ASSERT_TRUE(cell->reset()) << cell->death().text;
        ASSERT_EQ(initial_registers(*cell).general.rsp, wire::kThreadArea);
        ASSERT_EQ(count(*cell), 1U);
    }
}

// Else they would tell one invocation what the one before did.
TEST_P(CellContract, TheFirstRegistersDoNotTellHowTheCellWasReset) {
    const auto cell = make_cell();
    const InitialRegisters fresh = initial_registers(*cell);
    const auto expect_the_same = [&](const char* how) {
        ASSERT_TRUE(cell->reset()) << cell->death().text;
        const InitialRegisters found = initial_registers(*cell);
        EXPECT_EQ(std::memcmp(&found.general, &fresh.general, sizeof found.general), 0) << how;
        EXPECT_EQ(found.flags, fresh.flags) << how;
    };
    expect_the_same("small");
    ask(*cell, Order::dirty, 1000);
    expect_the_same("large");
    EXPECT_EQ(order_for(*cell, 5ms, Order::seize_registers, machine_features()), Stop::interrupted);
    expect_the_same("interrupted");
    cell->interrupt();
    EXPECT_EQ(cell->resume(), Stop::interrupted);
    expect_the_same("interrupted while parked");
}

TEST_P(CellContract, AResetTwiceInARowIsAsGoodAsOnce) {
    const auto cell = make_cell();
    for (const std::uint64_t pages : {10, 1000}) {
        ask(*cell, Order::dirty, pages);
        for (int i = 0; i < 3; ++i) ASSERT_TRUE(cell->reset()) << cell->death().text;
        EXPECT_EQ(ask(*cell, Order::sum, pages), 0U);
        EXPECT_EQ(count(*cell), 1U);
    }
}

TEST_P(CellContract, AResetThatIsInterruptedIsDoneByTheNext) {
    const auto cell = make_cell();
    ask(*cell, Order::dirty, 10);
    ASSERT_TRUE(cell->reset());
    cell->interrupt();
    EXPECT_EQ(order(*cell, Order::count), Stop::interrupted);
    ASSERT_TRUE(cell->reset()) << cell->death().text;
    EXPECT_EQ(ask(*cell, Order::sum, 10), 0U);
    EXPECT_EQ(count(*cell), 1U);
}

TEST_P(CellContract, AResetComesBeforeASnapshot) {
    const auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    const auto saved = cell->snapshot();
    ASSERT_TRUE(saved);
    const auto next = make_cell(*saved);
    ask(*next, Order::dirty, 10);
    EXPECT_EQ(count(*next), 2U);
    ASSERT_TRUE(next->reset());
    const auto again = next->snapshot();
    ASSERT_TRUE(again) << again.error().message;
    const auto last = make_cell(*again);
    EXPECT_EQ(count(*last), 2U);
    EXPECT_EQ(ask(*last, Order::sum, 10), 0U);
}

TEST_P(CellContract, ManyCellsAreResetAtOnce) {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([this] {
            const auto cell = make_cell();
            for (int i = 0; i < 200; ++i) {
                ask(*cell, Order::dirty, 50);
                ASSERT_TRUE(cell->reset());
                ASSERT_EQ(ask(*cell, Order::sum, 50), 0U);
            }
        });
    }
}

}  // namespace
}  // namespace curfew::cell::testing
