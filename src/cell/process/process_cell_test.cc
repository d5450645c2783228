// Calls, faults, interrupts, resets and snapshots of process cells.
#include "cell/process/process_cell.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <thread>

#include "cell/testing/cell_fixture.h"

namespace curfew::cell::testing {
namespace {

using ::testing::HasSubstr;

TEST(ProcessCell, AnswersCallsAndKeepsItsState) {
    const auto cell = make_cell();
    for (std::uint64_t i = 1; i <= 100; ++i) EXPECT_EQ(ask(*cell, Order::count), i);
}

TEST(ProcessCell, PassesBytesThroughTheWindow) {
    const auto cell = make_cell();
    std::ranges::fill(cell->window(), std::byte{41});
    ask(*cell, Order::echo, wire::kWindowSize);
    EXPECT_EQ(cell->window().front(), std::byte{42});
    EXPECT_EQ(cell->window().back(), std::byte{42});
}

TEST(ProcessCell, WorksWithSpinningCallers) {
    const auto cell = make_cell(test_image(), Handover::spin);
    for (std::uint64_t i = 1; i <= 100; ++i) EXPECT_EQ(ask(*cell, Order::count), i);
}

TEST(ProcessCell, TellsTheTime) {
    const auto cell = make_cell();
    const auto before = std::chrono::steady_clock::now().time_since_epoch();
    const std::chrono::nanoseconds time(ask(*cell, Order::clock));
    EXPECT_GE(time, before);
    EXPECT_LE(time, std::chrono::steady_clock::now().time_since_epoch());
}

struct FatalOrder {
    const char* name;
    Order order;
    std::uint64_t argument;
    const char* report;

    friend void PrintTo(const FatalOrder& fatal, std::ostream* out) { *out << fatal.name; }
};

class Fatal : public ::testing::TestWithParam<FatalOrder> {};

TEST_P(Fatal, EndsTheCellWithAReport) {
    const auto cell = make_cell();
    EXPECT_EQ(order(*cell, GetParam().order, GetParam().argument), Stop::died);
    EXPECT_THAT(cell->death(), HasSubstr(GetParam().report));
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
                      FatalOrder{"WriteTrampoline", Order::write, wire::kTrampolineBase, "0x10000000"},
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
                      FatalOrder{"TimeStamp", Order::read_time_stamp, 0, "forbidden instruction"},
                      FatalOrder{"Vsyscall", Order::vsyscall, 0, "forbidden system call 96"},
                      FatalOrder{"GarbageTurn", Order::garbage_turn_spin, 0, "broke the call protocol"},
                      FatalOrder{"GarbageTurnAndDeath", Order::garbage_turn_die, 0, ""},
                      FatalOrder{"ForgedHalt", Order::forge_halt, 0, "broke the call protocol"}),
    [](const auto& test) { return test.param.name; });

TEST(ProcessCell, ScribblingOverTheMailboxHurtsNobody) {
    const auto cell = make_cell();
    EXPECT_EQ(order(*cell, Order::scribble_mailbox), Stop::called_out);
    EXPECT_FALSE(cell->snapshot());  // its stack pointer is nonsense
    ASSERT_TRUE(cell->reset());
    EXPECT_EQ(cell->mailbox().heap_size, kTestSizes.heap);
    EXPECT_EQ(cell->window().back(), std::byte{0});
    EXPECT_EQ(ask(*cell, Order::count), 1U);
}

// Interrupts from another thread as soon as the cell has burnt some CPU, which it does only when it runs.
class Interrupter {
  public:
    explicit Interrupter(Cell& cell)
        : thread_([&cell] {
              timespec start{}, now{};
              ::clock_gettime(cell.cpu_clock(), &start);
              do {
                  std::this_thread::yield();
                  ::clock_gettime(cell.cpu_clock(), &now);
              } while (now.tv_sec == start.tv_sec && now.tv_nsec < start.tv_nsec + 2'000'000);
              cell.interrupt();
          }) {}

  private:
    std::jthread thread_;
};

TEST(ProcessCell, InterruptStopsALoopAndResetStartsAnew) {
    const auto cell = make_cell();
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(ask(*cell, Order::count), 1U);
        {
            const Interrupter interrupter(*cell);
            EXPECT_EQ(order(*cell, Order::spin), Stop::interrupted);
        }
        EXPECT_TRUE(cell->interrupted());
        EXPECT_EQ(cell->resume(), Stop::interrupted);
        ASSERT_TRUE(cell->reset()) << cell->death();
    }
}

TEST(ProcessCell, InterruptBeforeTheCallKeepsTheGuestFromRunning) {
    const auto cell = make_cell();
    EXPECT_EQ(ask(*cell, Order::count), 1U);
    cell->interrupt();
    EXPECT_EQ(order(*cell, Order::count), Stop::interrupted);
    ASSERT_TRUE(cell->reset());
    EXPECT_EQ(ask(*cell, Order::count), 1U);
}

TEST(ProcessCell, InterruptBeforeTheGuestHasStarted) {
    const auto cell = make_cell();
    cell->interrupt();
    EXPECT_EQ(order(*cell, Order::count), Stop::interrupted) << cell->death();
    ASSERT_TRUE(cell->reset()) << cell->death();
    EXPECT_EQ(ask(*cell, Order::count), 1U);
}

TEST(ProcessCell, InterruptRacingWithTheEndOfACallIsNeverLost) {
    const auto cell = make_cell();
    for (int i = 0; i < 2000; ++i) {
        std::jthread interrupter([&, i] {
            for (int wait = 0; wait < i * 4 % 4000; ++wait) __builtin_ia32_pause();
            cell->interrupt();
        });
        const Stop first = order(*cell, Order::count);
        interrupter.join();
        EXPECT_NE(first, Stop::died) << cell->death();
        EXPECT_EQ(cell->resume(), Stop::interrupted);
        ASSERT_TRUE(cell->reset()) << cell->death();
        ASSERT_EQ(ask(*cell, Order::count), 1U);
    }
}

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
    EXPECT_EQ(cell->resume(), Stop::died);
    EXPECT_THAT(cell->death(), HasSubstr("within a second"));
}

TEST(ProcessCell, ACellKilledFromOutsideEndsTheCallThatRuns) {
    const auto cell = make_cell();
    EXPECT_EQ(ask(*cell, Order::count), 1U);
    std::jthread killer([&] { ::kill(cell->pid(), SIGKILL); });
    EXPECT_EQ(order(*cell, Order::spin), Stop::died);
    EXPECT_THAT(cell->death(), HasSubstr("killed from outside"));
}

TEST(ProcessCell, ACellKilledWhileParkedIsFoundDeadByTheNextCall) {
    const auto cell = make_cell();
    EXPECT_EQ(ask(*cell, Order::count), 1U);
    ::kill(cell->pid(), SIGKILL);
    EXPECT_EQ(order(*cell, Order::count), Stop::died);
}

TEST(ProcessCell, ResetBringsMemoryAndRegistersBack) {
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

TEST(ProcessCell, SnapshotsStartCellsAndAreWhatResetGoesBackTo) {
    const auto first = make_cell();
    ask(*first, Order::count);
    ask(*first, Order::dirty, 100);
    const auto saved = first->snapshot();
    ASSERT_TRUE(saved) << saved.error().message;
    EXPECT_EQ(ask(*first, Order::count), 2U);

    const auto second = make_cell(*saved), third = make_cell(*saved);
    EXPECT_EQ(ask(*second, Order::sum, 100), 100U * 101 / 2);
    EXPECT_EQ(ask(*second, Order::count), 2U);
    EXPECT_EQ(ask(*second, Order::count), 3U);
    EXPECT_EQ(ask(*third, Order::count), 2U);
    ask(*second, Order::dirty, 200);
    ASSERT_TRUE(second->reset());
    EXPECT_EQ(ask(*second, Order::count), 2U);
    EXPECT_EQ(ask(*second, Order::sum, 200), 100U * 101 / 2);

    const auto again = second->snapshot();
    ASSERT_TRUE(again);
    const auto fourth = make_cell(*again);
    EXPECT_EQ(ask(*fourth, Order::count), 3U);
}

TEST(ProcessCell, CpuClockCountsTheGuestsWorkOnly) {
    const auto cell = make_cell();
    ask(*cell, Order::count);
    {
        const Interrupter interrupter(*cell);
        EXPECT_EQ(order(*cell, Order::spin), Stop::interrupted);
    }
    timespec time{};
    ASSERT_EQ(::clock_gettime(cell->cpu_clock(), &time), 0);
    EXPECT_GE(time.tv_nsec, 2'000'000);
    EXPECT_EQ(time.tv_sec, 0);
}

}  // namespace
}  // namespace curfew::cell::testing
