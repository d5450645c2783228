// What every cell does: it is interrupted wherever it is, and its CPU time is counted.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "cell/testing/contract.h"

namespace curfew::cell::testing {
namespace {

using namespace std::chrono_literals;

// Interrupts from another thread as soon as the cell has burnt some CPU, which it does only when it runs.
class Interrupter {
  public:
    explicit Interrupter(Cell& cell)
        : thread_([&cell] {
              const auto start = *cell.cpu_time();
              while (*cell.cpu_time() < start + 2ms) std::this_thread::yield();
              cell.interrupt();
          }) {}

  private:
    std::jthread thread_;
};

TEST_P(CellContract, AnInterruptStopsALoopAndResetStartsAnew) {
    const auto cell = make_cell();
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(ask(*cell, Order::count), 1U);
        {
            const Interrupter interrupter(*cell);
            EXPECT_EQ(order(*cell, Order::spin), Stop::interrupted);
        }
        EXPECT_TRUE(cell->interrupted());
        EXPECT_EQ(cell->resume(), Stop::interrupted);
        ASSERT_TRUE(cell->reset()) << cell->death().text;
    }
}

TEST_P(CellContract, AnInterruptBeforeTheCallKeepsTheGuestFromRunning) {
    const auto cell = make_cell();
    EXPECT_EQ(ask(*cell, Order::count), 1U);
    cell->interrupt();
    EXPECT_EQ(order(*cell, Order::count), Stop::interrupted);
    ASSERT_TRUE(cell->reset());
    EXPECT_EQ(ask(*cell, Order::count), 1U);
}

TEST_P(CellContract, AnInterruptMayComeBeforeTheGuestHasStarted) {
    const auto cell = make_cell();
    cell->interrupt();
    EXPECT_EQ(order(*cell, Order::count), Stop::interrupted) << cell->death().text;
    if (cell->death()) return;  // it took too long to start
    ASSERT_TRUE(cell->reset()) << cell->death().text;
    EXPECT_EQ(ask(*cell, Order::count), 1U);
}

TEST_P(CellContract, AnInterruptRacingWithTheEndOfACallIsNeverLost) {
    const auto cell = make_cell();
    EXPECT_EQ(ask(*cell, Order::count), 1U);
    for (int i = 0; i < 2000; ++i) {
        std::jthread interrupter([&, i] {
            for (int wait = 0; wait < i * 4 % 4000; ++wait) __builtin_ia32_pause();
            cell->interrupt();
        });
        const Stop first = order(*cell, Order::count);
        interrupter.join();
        EXPECT_NE(first, Stop::died) << cell->death().text;
        EXPECT_EQ(cell->resume(), Stop::interrupted);
        ASSERT_TRUE(cell->reset()) << cell->death().text;
        ASSERT_EQ(ask(*cell, Order::count), 1U);
    }
}

TEST_P(CellContract, CpuTimeIsTheGuestsWorkOnly) {
    const auto cell = make_cell();
    ask(*cell, Order::count);
    {
        const Interrupter interrupter(*cell);
        EXPECT_EQ(order(*cell, Order::spin), Stop::interrupted);
    }
    EXPECT_GE(*cell->cpu_time(), 2ms);
    EXPECT_LT(*cell->cpu_time(), 1s);
    EXPECT_GE(*cell->exact_cpu_time(), *cell->cpu_time());
}

}  // namespace
}  // namespace curfew::cell::testing
