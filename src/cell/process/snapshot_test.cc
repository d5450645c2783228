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

// What the first cells of a state write is a hint for later ones. A guest can make it useless, but not dangerous.
TEST(Snapshots, GiveUsefulHintsOnlyToCells) {
    const auto first = make_cell();
    ask(*first, Order::dirty, 400);
    const auto saved = save(*first);
    {
        const auto hostile = make_cell(saved);
        EXPECT_EQ(count(*hostile), 1U);
        for (std::uint64_t page = 0; page < 400; page += 3) {
            put_in_window(*hostile, ByteRange{wire::kHeapBase + page * wire::kPageSize, 1});
            ask(*hostile, Order::fill);
        }
        ASSERT_TRUE(hostile->reset()) << hostile->death().text;
        EXPECT_EQ(ask(*hostile, Order::sum, 400), ask(*first, Order::sum, 400));
    }
    for (int i = 0; i < 3; ++i) {
        const auto next = make_cell(saved);
        EXPECT_EQ(ask(*next, Order::sum, 400), ask(*first, Order::sum, 400));
        EXPECT_LE(next->pages_written(), 200U);
        EXPECT_EQ(count(*next), 1U);
    }
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
