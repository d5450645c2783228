// What every cell does: calls, and the end of a guest that does what it may not.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "cell/testing/contract.h"

namespace curfew::cell::testing {
namespace {

TEST_P(CellContract, AnswersCallsAndKeepsItsState) {
    const auto cell = make_cell();
    for (std::uint64_t i = 1; i <= 100; ++i) EXPECT_EQ(ask(*cell, Order::count), i);
}

TEST_P(CellContract, PassesBytesThroughTheWindow) {
    const auto cell = make_cell();
    std::ranges::fill(cell->window(), std::byte{41});
    ask(*cell, Order::echo, wire::kWindowSize);
    EXPECT_EQ(cell->window().front(), std::byte{42});
    EXPECT_EQ(cell->window().back(), std::byte{42});
}

TEST_P(CellContract, WorksWithSpinningCallers) {
    const auto cell = make_cell(test_image(), {.handover = Handover::spin});
    for (std::uint64_t i = 1; i <= 100; ++i) EXPECT_EQ(ask(*cell, Order::count), i);
}

TEST_P(CellContract, TellsTheTime) {
    const auto cell = make_cell();
    timespec tick{};  // a cell's clock may be one that goes by ticks
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &tick);
    const auto before = std::chrono::seconds(tick.tv_sec) + std::chrono::nanoseconds(tick.tv_nsec);
    const std::chrono::nanoseconds time(ask(*cell, Order::clock, CURFEW_HYPERCALL_MONOTONIC));
    EXPECT_GE(time, before);
    EXPECT_LE(time, std::chrono::steady_clock::now().time_since_epoch());
}

TEST_P(CellContract, AScribbledMailboxHurtsNobody) {
    const auto cell = make_cell();
    EXPECT_EQ(order(*cell, Order::scribble_mailbox), Stop::called_out);
    EXPECT_EQ(cell->snapshot().has_value(), GetParam().frozen);  // what a linked guest says of its heap is nonsense
    ASSERT_TRUE(cell->reset());
    EXPECT_EQ(cell->mailbox().heap_size, kTestSizes.heap);
    EXPECT_EQ(cell->window().back(), std::byte{0});
    EXPECT_EQ(ask(*cell, Order::count), 1U);
}

struct FatalOrder {
    const char* name;
    Order order;
    std::uint64_t argument;
    DeathKind death = DeathKind::fault;
};

TEST_P(CellContract, AFaultEndsTheCell) {
    constexpr FatalOrder kOrders[] = {{"read null", Order::read, 0},
                                      {"write null", Order::write, 16},
                                      {"write beyond the heap", Order::write, wire::kHeapBase + kTestSizes.heap},
                                      {"write below the heap", Order::write, wire::kHeapBase - 1},
                                      {"write below the stack", Order::write, wire::kStackTop - kTestSizes.stack - 1},
                                      {"write above the stack", Order::write, wire::kStackTop},
                                      {"write text", Order::write, wire::kImageBase},
                                      {"write the hypercall", Order::write, wire::kHypercallEntry},
                                      {"read the kernel", Order::read, 0xffffffff81000000},
                                      {"read an impossible address", Order::read, 0x8000000000000000},
                                      {"run data", Order::run_data, 0},
                                      {"system call", Order::system_call, 39, DeathKind::refused_call},
                                      {"32-bit system call", Order::system_call_32, 20, DeathKind::refused_call},
                                      {"divide by zero", Order::divide_by_zero, 0},
                                      {"illegal instruction", Order::illegal_instruction, 0},
                                      {"breakpoint", Order::breakpoint, 0},
                                      {"vsyscall", Order::vsyscall, 0, DeathKind::refused_call}};
    for (const FatalOrder& fatal : kOrders) {
        SCOPED_TRACE(fatal.name);
        // It goes on at the guest's own dispatcher there, as frozen_test.cc tries.
        if (GetParam().frozen && (fatal.order == Order::system_call || fatal.order == Order::vsyscall)) continue;
        const auto cell = make_cell();
        EXPECT_EQ(cell->death().kind, DeathKind::none);
        EXPECT_EQ(order(*cell, fatal.order, fatal.argument), Stop::died);
        EXPECT_EQ(cell->death().kind, fatal.death);
        EXPECT_FALSE(cell->death().text.empty());
        EXPECT_FALSE(cell->lost_before_entry());
        EXPECT_EQ(cell->resume(), Stop::died);
        EXPECT_FALSE(cell->reset());
        EXPECT_FALSE(cell->snapshot());
    }
}

}  // namespace
}  // namespace curfew::cell::testing
