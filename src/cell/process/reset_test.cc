// What resets of process cells cost later, and what is known when one is lost. What every reset does is in the contract.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <algorithm>
#include <random>
#include <vector>

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

// The count of page faults by which resets know that nothing new was written.
TEST(Reset, NewPagesAreCountedAndOldOnesAreNot) {
    const auto cell = make_cell();
    WrittenPages written(cell->pid());
    const auto faults_of = [&](std::uint64_t pages) {
        const auto before = written.faults();
        ask(*cell, Order::dirty, pages);
        const auto after = written.faults();
        EXPECT_TRUE(before && after);
        return after.value_or(0) - before.value_or(0);
    };
    faults_of(10);
    EXPECT_EQ(faults_of(10), 0U);
    EXPECT_EQ(faults_of(11), 1U);
    EXPECT_EQ(faults_of(50), 39U);
    EXPECT_EQ(faults_of(50), 0U);
}

TEST(Reset, AProcessThatIsNotThereHasNoCountOfFaults) { EXPECT_FALSE(WrittenPages(0).faults()); }

std::uint64_t read_byte(Cell& cell, std::uint64_t address) { return ask(cell, Order::read_byte, address); }

void drop(Cell& cell, std::uint64_t address, std::uint64_t length) {
    put_in_window(cell, SystemCall{SYS_madvise, {address, length, MADV_DONTNEED, 0, 0, 0}});
    ASSERT_EQ(ask(cell, Order::system_call_with), 0U);
}

// A cell whose calls need no page that they did not need before: its resets look for none.
std::unique_ptr<ProcessCell> make_settled_cell() {
    auto cell = make_cell();
    for (int i = 0; i < 5; ++i) {
        ask(*cell, Order::dirty, 10);
        EXPECT_EQ(ask(*cell, Order::sum, 10), 55U);
        EXPECT_EQ(count(*cell), 1U);
        EXPECT_TRUE(cell->reset());
    }
    return cell;
}

TEST(Reset, KnownPagesAreBroughtBackWithoutAFault) {
    const auto cell = make_settled_cell();
    WrittenPages written(cell->pid());
    const auto before = written.faults();
    for (int i = 0; i < 5; ++i) {
        ASSERT_EQ(ask(*cell, Order::sum, 10), 0U);
        ask(*cell, Order::dirty, 10);
        ASSERT_EQ(count(*cell), 1U);
        ASSERT_TRUE(cell->reset());
    }
    EXPECT_EQ(written.faults(), before);
}

// Native code that was taken over, on pages that are known to be written and on such that are not: writes, drops, both.
TEST(Reset, FindsWhatANativeGuestHasWrittenAndDropped) {
    constexpr std::uint64_t kPages = 40;  // some of them written in every settled cell
    const auto cell = make_settled_cell();
    const auto& segments = cell->image()->program->segments();
    const auto data = std::ranges::find_if(segments, &Segment::writable);
    ASSERT_NE(data, segments.end());
    const std::uint64_t last_of_data = data->address + data->length - 1;
    const std::uint64_t stack = wire::kStackTop - kTestSizes.stack;
    const std::uint64_t data_before = read_byte(*cell, last_of_data);
    std::mt19937 random(20260101);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same in each run
    const auto one_of = [&random](std::uint64_t count) { return random() % count; };
    for (int round = 0; round < 500; ++round) {
        std::vector<std::uint64_t> touched;
        for (std::uint64_t step = one_of(4); step != 0; --step) {
            const std::uint64_t page = wire::kHeapBase + one_of(kPages) * wire::kPageSize;
            touched.push_back(page + one_of(wire::kPageSize));
            switch (one_of(6)) {
                case 0:
                case 1: ask(*cell, Order::write, touched.back()); break;
                case 2: drop(*cell, page, wire::kPageSize); break;
                case 3:
                    drop(*cell, page, 2 * wire::kPageSize);
                    ask(*cell, Order::write, touched.back());
                    break;
                case 4: ask(*cell, Order::write, one_of(2) == 0 ? last_of_data : stack); break;
                default: read_byte(*cell, touched.back()); break;
            }
        }
        ASSERT_TRUE(cell->reset()) << cell->death().text;
        for (const std::uint64_t address : touched) ASSERT_EQ(read_byte(*cell, address), 0U) << round;
        ASSERT_EQ(read_byte(*cell, last_of_data), data_before) << round;
        ASSERT_EQ(read_byte(*cell, stack), 0U) << round;
    }
    for (std::uint64_t at = 0; at < kPages * wire::kPageSize; at += 64) {
        ASSERT_EQ(read_byte(*cell, wire::kHeapBase + at), 0U) << at;
    }
}

// What it wrote to pages of the window that the host did not use, and what the host wrote and it did not read.
TEST(Reset, ClearsTheWindowWhoeverHasWrittenToIt) {
    constexpr std::uint64_t kFar = wire::kWindowBase + 5 * wire::kPageSize;
    const auto cell = make_settled_cell();
    for (int i = 0; i < 3; ++i) {
        ask(*cell, Order::write, kFar);
        ASSERT_TRUE(cell->reset());
        ASSERT_EQ(read_byte(*cell, kFar), 0U);
        ASSERT_TRUE(cell->reset());
        cell->window(5 * wire::kPageSize + 1).back() = std::byte{1};
        ASSERT_EQ(count(*cell), 1U);
        ASSERT_TRUE(cell->reset());
        ASSERT_EQ(count(*cell), 1U);
        ASSERT_EQ(read_byte(*cell, kFar), 0U);
        ASSERT_TRUE(cell->reset());
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
