// What cells of a snapshot do to be fast, and do without where they must. What every snapshot is, is in the contract.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "cell/process/testing/process_fixture.h"
#include "cell/testing/processes.h"

namespace curfew::cell::testing {
namespace {

using ::testing::HasSubstr;

std::shared_ptr<const MemoryImage> save(Cell& cell) {
    auto saved = cell.snapshot();
    EXPECT_TRUE(saved) << saved.error().message;
    return saved ? *saved : nullptr;
}

constexpr std::uint64_t sum_of(std::uint64_t pages) { return pages * (pages + 1) / 2; }

// How many pages a new cell of a state has after a call that writes next to nothing.
std::uint64_t pages_of_a_new_cell(const std::shared_ptr<const MemoryImage>& state) {
    const auto cell = make_cell(state);
    count(*cell);
    return cell->pages_written();
}

// What one cell writes must not show in others, by how long they take to write the same pages.
TEST(HotPages, AreNotThoseThatACellWroteByItself) {
    const auto first = make_cell();
    ask(*first, Order::dirty, 400);
    const auto saved = save(*first);
    const std::uint64_t before = pages_of_a_new_cell(saved);
    {
        const auto dropped = make_cell(saved);
        ask(*dropped, Order::dirty, 20);
    }
    EXPECT_EQ(pages_of_a_new_cell(saved), before);
    const auto reset = make_cell(saved);
    ask(*reset, Order::dirty, 30);
    ASSERT_TRUE(reset->reset());
    EXPECT_EQ(count(*reset), 1U);
    EXPECT_EQ(pages_of_a_new_cell(saved), before);
}

TEST(HotPages, AreThoseThatTheSavedStateWasMadeWith) {
    const auto first = make_cell();
    ask(*first, Order::dirty, 400);
    const auto second = make_cell(save(*first));
    ask(*second, Order::dirty, 50);
    const auto saved = save(*second);
    EXPECT_GE(pages_of_a_new_cell(saved), 50U);
    EXPECT_LE(pages_of_a_new_cell(saved), 100U);
    const auto third = make_cell(saved);
    EXPECT_EQ(ask(*third, Order::sum, 50), sum_of(50));
}

// What was written before a reset is not in the state that is saved.
TEST(HotPages, AreNotThoseOfBeforeAReset) {
    const auto first = make_cell();
    ask(*first, Order::dirty, 400);
    const auto second = make_cell(save(*first));
    ask(*second, Order::dirty, 50);
    ASSERT_TRUE(second->reset());
    EXPECT_EQ(count(*second), 1U);
    EXPECT_LT(pages_of_a_new_cell(save(*second)), 50U);
}

TEST(HotPages, AreWhatTheHostTeaches) {
    const auto first = make_cell();
    ask(*first, Order::dirty, 400);
    const auto saved = save(*first);
    const auto own = make_cell(saved);
    ask(*own, Order::dirty, 60);
    own->teach_hot_pages();
    EXPECT_GE(pages_of_a_new_cell(saved), 60U);
    const auto many = make_cell(saved);
    ask(*many, Order::dirty, 400);
    many->teach_hot_pages();
    EXPECT_LE(pages_of_a_new_cell(saved), 100U) << "more than is worth giving to every cell";
}

// Where the kernel does not tell which pages were written, all are dropped.
TEST(Snapshots, AreGoneBackToWithoutThePageMap) {
#if defined(__SANITIZE_ADDRESS__)
    GTEST_SKIP() << "the sanitizer itself needs the calls that are refused here";
#endif
    run_in_child([] {
        const auto first = make_cell();
        ask(*first, Order::dirty, 50);
        const auto cell = make_cell(save(*first));
        put_in_window(*cell, ByteRange{wire::kHeapBase, 60 * wire::kPageSize});
        ask(*cell, Order::fill);
        rlimit none{};
        ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &none), 0);
        none.rlim_cur = 0;
        ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);  // so that nothing can be opened
        ASSERT_TRUE(cell->reset()) << cell->death().text;
        EXPECT_EQ(ask(*cell, Order::sum, 60), sum_of(50));
        EXPECT_EQ(ask(*cell, Order::read_byte, wire::kHeapBase + 1), 0U);
    });
}

TEST(Snapshots, AreRefusedForStackPointersOfNoParkedGuest) {
    const auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    for (const std::uint64_t stack_pointer : {std::uint64_t{0}, wire::kStackTop, wire::kStackTop - kTestSizes.stack - 8,
                                              wire::kHeapBase, wire::kThreadArea - 12, ~std::uint64_t{0}}) {
        handshake_words(cell->mailbox()).stack_pointer = stack_pointer;
        const auto saved = cell->snapshot();
        ASSERT_FALSE(saved) << stack_pointer;
        EXPECT_THAT(saved.error().message, HasSubstr("not waiting for a call"));
    }
}

}  // namespace
}  // namespace curfew::cell::testing
