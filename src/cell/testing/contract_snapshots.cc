// What every cell does: snapshots of snapshots, from many threads, and longer than their cells.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "cell/testing/contract.h"

namespace curfew::cell::testing {
namespace {

using ::testing::HasSubstr;

std::shared_ptr<const MemoryImage> save(Cell& cell) {
    auto saved = cell.snapshot();
    EXPECT_TRUE(saved) << saved.error().message;
    return saved ? *saved : nullptr;
}

constexpr std::uint64_t sum_of(std::uint64_t pages) { return pages * (pages + 1) / 2; }

TEST_P(CellContract, SnapshotsStartCellsAndAreWhatResetGoesBackTo) {
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

TEST_P(CellContract, SnapshotsOfSnapshotsHoldEachTheirState) {
    auto cell = make_cell();
    std::vector<std::shared_ptr<const MemoryImage>> saved;
    for (std::uint64_t generation = 1; generation <= 10; ++generation) {
        EXPECT_EQ(count(*cell), generation);
        ask(*cell, Order::dirty, generation * 20);
        saved.push_back(save(*cell));
        cell = make_cell(saved.back());
    }
    for (std::uint64_t generation = 1; generation <= 10; ++generation) {
        const auto again = make_cell(saved[generation - 1]);
        EXPECT_EQ(ask(*again, Order::sum, generation * 20), sum_of(generation * 20));
        EXPECT_EQ(count(*again), generation + 1);
    }
}

TEST_P(CellContract, SnapshotsOutliveTheirCell) {
    auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    ask(*cell, Order::dirty, 100);
    const auto saved = save(*cell);
    cell.reset();
    for (int i = 0; i < 50; ++i) {
        const auto next = make_cell(saved);
        ASSERT_EQ(ask(*next, Order::sum, 100), sum_of(100));
        ASSERT_EQ(count(*next), 2U);
    }
}

TEST_P(CellContract, SnapshotsStartCellsThatDoNotSeeEachOther) {
    auto first = make_cell();
    ask(*first, Order::dirty, 100);
    const auto saved = save(*first);
    std::vector<std::unique_ptr<Cell>> cells;
    for (int i = 0; i < 30; ++i) cells.push_back(make_cell(saved));
    for (std::uint64_t i = 0; i < cells.size(); ++i) {
        put_in_window(*cells[i], ByteRange{wire::kHeapBase, i + 1});
        ask(*cells[i], Order::fill);
    }
    for (std::uint64_t i = 0; i < cells.size(); ++i) {
        for (const std::uint64_t at : {i, i + 1}) {
            const std::uint64_t expected = at <= i ? 0xff : at % wire::kPageSize == 0 ? 1 : 0;
            EXPECT_EQ(ask(*cells[i], Order::read_byte, wire::kHeapBase + at), expected);
        }
        ASSERT_TRUE(cells[i]->reset());
        EXPECT_EQ(ask(*cells[i], Order::sum, 100), sum_of(100));
    }
}

TEST_P(CellContract, SnapshotsAreStartedByManyThreadsAtOnce) {
    auto first = make_cell();
    EXPECT_EQ(count(*first), 1U);
    ask(*first, Order::dirty, 64);
    const auto saved = save(*first);
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 25; ++i) {
                const auto cell = make_cell(saved);
                ASSERT_EQ(ask(*cell, Order::sum, 64), sum_of(64));
                ASSERT_EQ(count(*cell), 2U);
                ask(*cell, Order::dirty, 128);
                ASSERT_TRUE(cell->reset()) << cell->death().text;
                ASSERT_EQ(ask(*cell, Order::sum, 128), sum_of(64));
                const auto own = save(*cell);
                ASSERT_EQ(count(*make_cell(own)), 2U);
            }
        });
    }
}

TEST_P(CellContract, SnapshotsTakeNoMemoryForWhatIsZero) {
    const auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    put_in_window(*cell, ByteRange{wire::kHeapBase + 100 * wire::kPageSize, wire::kPageSize});
    ask(*cell, Order::fill);
    cell->mailbox().heap.extent = 1000 * wire::kPageSize;
    const auto saved = save(*cell);
    if (!GetParam().frozen) {
        EXPECT_GE(saved->state->size(), 1000 * wire::kPageSize);
    }
    EXPECT_LE(saved->state->resident(), 20 * wire::kPageSize);
    const auto next = make_cell(saved);
    EXPECT_EQ(ask(*next, Order::read_byte, wire::kHeapBase + 100 * wire::kPageSize), 0xffU);
    EXPECT_EQ(ask(*next, Order::read_byte, wire::kHeapBase + 101 * wire::kPageSize), 0U);
}

TEST_P(CellContract, SnapshotsHoldAWholeHeap) {
    const auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    put_in_window(*cell, ByteRange{wire::kHeapBase, kTestSizes.heap});
    ask(*cell, Order::fill);
    cell->mailbox().heap.extent = kTestSizes.heap;
    const auto saved = save(*cell);
    const auto next = make_cell(saved);
    for (std::uint64_t offset = 0; offset < kTestSizes.heap; offset += 999'983) {
        EXPECT_EQ(ask(*next, Order::read_byte, wire::kHeapBase + offset), 0xffU);
    }
    // Also what lies beyond the saved part is there for a cell that needs it later.
    EXPECT_EQ(ask(*next, Order::read_byte, wire::kHeapBase + kTestSizes.heap - 1), 0xffU);
}

TEST_P(CellContract, SnapshotsAreRefusedForCellsThatDoNotWaitForACall) {
    const auto fresh = make_cell();
    const auto of_fresh = fresh->snapshot();
    ASSERT_FALSE(of_fresh);
    EXPECT_THAT(of_fresh.error().message, HasSubstr("not waiting for a call"));
    EXPECT_EQ(count(*fresh), 1U);

    fresh->interrupt();
    const auto of_interrupted = fresh->snapshot();
    ASSERT_FALSE(of_interrupted);
    EXPECT_EQ(fresh->resume(), Stop::interrupted);
    ASSERT_TRUE(fresh->reset());

    if (GetParam().frozen) return;  // whose word is not taken for it
    for (const std::uint64_t extent : {kTestSizes.heap + 1, ~std::uint64_t{0}}) {
        EXPECT_EQ(count(*fresh), extent == ~std::uint64_t{0} ? 2U : 1U);
        fresh->mailbox().heap.extent = extent;
        EXPECT_FALSE(fresh->snapshot());
    }
}

}  // namespace
}  // namespace curfew::cell::testing
