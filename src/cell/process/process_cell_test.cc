// How process cells end, and what their ends are called. What every cell does is in the contract.
#include "cell/process/process_cell.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <thread>

#include "cell/process/testing/process_fixture.h"

namespace curfew::cell::testing {
namespace {

using ::testing::HasSubstr;

struct FatalOrder {
    const char* name;
    Order order;
    std::uint64_t argument;
    const char* report;

    friend void PrintTo(const FatalOrder& fatal, std::ostream* out) { *out << fatal.name; }
};

class Fatal : public ::testing::TestWithParam<FatalOrder> {};

TEST_P(Fatal, EndsTheCellWithAReport) {
    const std::string_view report = GetParam().report;
    // A frozen program has its memory in many places, of which none is named, and something where the launcher was linked once.
    if (report.contains("forbidden system call") || report.contains("its") || report.contains("0x400000") ||
        report.contains("stack overflow")) {
        CURFEW_SKIP_IF_REFUSED_CALLS_GO_ON();
    }
    const auto cell = make_cell();
    EXPECT_EQ(order(*cell, GetParam().order, GetParam().argument), Stop::died);
    EXPECT_THAT(cell->death().text, HasSubstr(GetParam().report));
    EXPECT_EQ(cell->resume(), Stop::died);
    EXPECT_FALSE(cell->reset());
    EXPECT_FALSE(cell->snapshot());
}

INSTANTIATE_TEST_SUITE_P(
    Orders, Fatal,
    ::testing::Values(FatalOrder{"ReadNull", Order::read, 0, "a null pointer"},
                      FatalOrder{"WriteNull", Order::write, 16, "a null pointer"},
                      FatalOrder{"BeyondHeap", Order::write, wire::kHeapBase + kTestSizes.heap, "beyond its heap"},
                      FatalOrder{"BelowHeap", Order::write, wire::kHeapBase - 1, "below its heap"},
                      FatalOrder{"BelowStack", Order::write, wire::kStackTop - kTestSizes.stack - 1,
                                 "a stack overflow"},
                      FatalOrder{"AboveStack", Order::write, wire::kStackTop, "above its stack"},
                      FatalOrder{"WriteText", Order::write, wire::kImageBase, "in its image"},
                      FatalOrder{"WriteTrampoline", Order::write, kTrampolineBase, "0x10000000"},
                      FatalOrder{"ReadKernel", Order::read, 0xffffffff81000000, "the guest touched address"},
                      FatalOrder{"ReadImpossible", Order::read, 0x8000000000000000, "impossible address"},
                      FatalOrder{"ReadLauncher", Order::read, 0x400000, "0x400000"},
                      FatalOrder{"RunData", Order::run_data, 0, "in its image"},
                      FatalOrder{"FutexElsewhere", Order::futex_elsewhere, 0, "forbidden system call 202"},
                      FatalOrder{"WipeTrampoline", Order::wipe_trampoline, 0, "forbidden system call 28"},
                      FatalOrder{"BlockSignals", Order::write_signal_mask, 0, "forbidden system call 14"},
                      FatalOrder{"DivideByZero", Order::divide_by_zero, 0, "divided by zero"},
                      FatalOrder{"IllegalInstruction", Order::illegal_instruction, 0, "illegal instruction"},
                      FatalOrder{"Breakpoint", Order::breakpoint, 0, "breakpoint"},
                      FatalOrder{"Vsyscall", Order::vsyscall, 0, "forbidden system call 96"},
                      FatalOrder{"GarbageTurn", Order::garbage_turn_spin, 0, "broke the call protocol"},
                      FatalOrder{"GarbageTurnAndDeath", Order::garbage_turn_die, 0, ""},
                      FatalOrder{"ForgedHalt", Order::forge_halt, 0, "broke the call protocol"}),
    [](const auto& test) { return test.param.name; });

TEST(ProcessCell, AGuestThatGivesTheTurnAwayWithoutParkingCannotEvadeAReset) {
    const auto cell = make_cell();
    EXPECT_EQ(order(*cell, Order::forge_turn_spin), Stop::called_out);
    ASSERT_TRUE(cell->reset());
    EXPECT_EQ(ask(*cell, Order::count), 1U);
}

TEST(ProcessCell, ACellThatDoesNotReactIsKilled) {
    const auto cell = make_cell();
    EXPECT_EQ(ask(*cell, Order::count), 1U);
    ASSERT_EQ(::kill(cell->pid(), SIGSTOP), 0);
    cell->interrupt();
    EXPECT_EQ(cell->resume(), Stop::interrupted);
    EXPECT_FALSE(cell->reset());
    EXPECT_THAT(cell->death().text, HasSubstr("within a second"));
    EXPECT_EQ(cell->resume(), Stop::died);
}

TEST(ProcessCell, ACellKilledFromOutsideEndsTheCallThatRuns) {
    const auto cell = make_cell();
    EXPECT_EQ(ask(*cell, Order::count), 1U);
    std::jthread killer([&] { ::kill(cell->pid(), SIGKILL); });
    EXPECT_EQ(order(*cell, Order::spin), Stop::died);
    EXPECT_THAT(cell->death().text, HasSubstr("killed from outside"));
}

TEST(ProcessCell, ACellKilledWhileParkedIsFoundDeadByTheNextCall) {
    const auto cell = make_cell();
    EXPECT_EQ(ask(*cell, Order::count), 1U);
    ::kill(cell->pid(), SIGKILL);
    EXPECT_EQ(order(*cell, Order::count), Stop::died);
}

}  // namespace
}  // namespace curfew::cell::testing
