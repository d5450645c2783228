// What resets of process cells cost later, and what is known when one is lost. What every reset does is in the contract.
#include <gtest/gtest.h>
#include <signal.h>

#include "cell/process/testing/process_fixture.h"
#include "cell/testing/processes.h"

namespace curfew::cell::testing {
namespace {

// One large invocation is not paid for by all later ones; and one that is large every time keeps working.
TEST(Reset, GivesUpPagesThatAreNoLongerWritten) {
    const auto cell = make_cell();
    ask(*cell, Order::dirty, 1000);
    for (int i = 0; i < 40; ++i) {
        ASSERT_TRUE(cell->reset());
        ASSERT_EQ(count(*cell), 1U);
    }
    EXPECT_LT(cell->pages_written(), 50U);
    for (int i = 0; i < 100; ++i) {
        ask(*cell, Order::dirty, 200);
        ASSERT_TRUE(cell->reset());
        ASSERT_EQ(ask(*cell, Order::sum, 200), 0U) << i;
    }
}

// Memory can run out while the pages are listed, and that is for the caller to handle.
TEST(Reset, MemoryThatRunsOutMeanwhileIsNotTheEndOfTheHost) {
    const auto cell = make_cell();
    ask(*cell, Order::dirty, 10);
    WrittenPages written(cell->pid());
    const auto fail = [](std::uint64_t, std::uint64_t) -> bool { throw std::bad_alloc(); };
    EXPECT_THROW(written.each_range(wire::kHeapBase, 10 * wire::kPageSize, fail), std::bad_alloc);
}

TEST(Reset, OfACellThatDiesBeforeItRunsAgainIsKnownToBeLost) {
    const auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    ASSERT_TRUE(cell->reset());
    const ProcessWatch watch(cell->pid());
    ::kill(cell->pid(), SIGKILL);
    EXPECT_TRUE(watch.ends());
    EXPECT_EQ(order(*cell, Order::count), Stop::died);
    EXPECT_TRUE(cell->lost_before_entry());

    const auto entered = make_cell();
    EXPECT_EQ(count(*entered), 1U);
    ASSERT_TRUE(entered->reset());
    EXPECT_EQ(order(*entered, Order::leave), Stop::died);
    EXPECT_FALSE(entered->lost_before_entry());
}

}  // namespace
}  // namespace curfew::cell::testing
