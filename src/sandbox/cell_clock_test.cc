// What a guest uses of the CPU between invocations is charged to the next one.
#include "sandbox/cell_clock.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "cell/testing/cell_fixture.h"

namespace curfew::sandbox {
namespace {

using namespace std::chrono_literals;
using cell::testing::Order;

TEST(CellCpuClock, CountsWhatIsUsedBetweenInvocationsForTheNext) {
    const auto cell = cell::testing::start_cell(cell::testing::test_image());
    CellCpuClock clock;
    clock.follow(cell.get());
    const auto start = *clock.now();
    clock.go_on();
    ASSERT_EQ(cell::testing::order(*cell, Order::burn_until_asked), cell::Stop::called_out);
    const auto used = *clock.now() - start;
    clock.stop_after(used);
    while (*cell->exact_cpu_time() < start + used + 20ms) std::this_thread::sleep_for(1ms);
    EXPECT_EQ(*clock.now(), start + used);  // the one that is over does not pay for it
    clock.go_on();
    EXPECT_GE(*clock.now(), start + used + 15ms);
}

TEST(CellCpuClock, CountsACellThatTookAnothersPlaceWithIt) {
    const auto lost = cell::testing::start_cell(cell::testing::test_image());
    const auto next = cell::testing::start_cell(cell::testing::test_image());
    CellCpuClock clock;
    clock.follow(lost.get());
    clock.go_on();
    cell::testing::ask(*lost, Order::dirty, 1000);
    const auto used = *clock.now();
    clock.go_on_with(*next);
    EXPECT_GE(*clock.now(), used);
    cell::testing::ask(*next, Order::dirty, 1000);
    EXPECT_EQ(*clock.now(), *lost->cpu_time() + *next->cpu_time());
    clock.follow(next.get());
    EXPECT_EQ(*clock.now(), *next->cpu_time());
}

TEST(CellCpuClock, DoesNotCountWhatTheHostHadDone) {
    const auto cell = cell::testing::start_cell(cell::testing::test_image());
    CellCpuClock clock;
    clock.follow(cell.get());
    clock.go_on();
    cell::testing::ask(*cell, Order::dirty, 1000);
    ASSERT_TRUE(cell->reset());
    clock.stop();
    EXPECT_EQ(*clock.now(), *cell->cpu_time());
}

}  // namespace
}  // namespace curfew::sandbox
