// A guest has nothing to do between calls, and must not use the CPU there: it is found out at the next call, or by a thread
// if there is none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <thread>

#include "cell/process/testing/process_fixture.h"
#include "cell/testing/processes.h"
#include "cell/testing/watchdog.h"

namespace curfew::cell::testing {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

void let_rest(ProcessCell& cell) { cell.rest(*cell.cpu_time()); }

// A cell whose guest has begun to do this when it should do nothing.
std::unique_ptr<ProcessCell> cell_that(Order what, std::uint64_t argument = 0, Handover handover = Handover::block) {
    auto cell = make_cell_with({.handover = handover});
    EXPECT_EQ(count(*cell), 1U);
    const auto before = *cell->exact_cpu_time();
    EXPECT_EQ(order(*cell, what, argument), Stop::called_out) << cell->death().text;
    cell->rest(before + 1ms);  // not by what it says now, which the guest may have raised already
    std::atomic_ref(cell->mailbox().pad).store(kSeen);
    return cell;
}

// Waits until the cell has used more of the CPU than its guest may, or has ended.
void wait_for_use(const ProcessCell& cell) {
    const ProcessWatch watch(cell.pid());
    while (*cell.exact_cpu_time() < 30ms && !watch.has_ended()) std::this_thread::sleep_for(1ms);
}

TEST(Rest, AGuestThatSleepsWhenItSeesTheNextRequestIsFoundBefore) {
    for (const Handover handover : {Handover::block, Handover::spin}) {
        const auto cell = cell_that(Order::burn_until_asked, 0, handover);
        wait_for_use(*cell);
        EXPECT_FALSE(cell->wake());
        EXPECT_EQ(cell->death().kind, DeathKind::ran_on);
        EXPECT_THAT(cell->death().text, HasSubstr("went on running"));
        EXPECT_FALSE(cell->lost_before_entry());
        EXPECT_EQ(order(*cell, Order::count), Stop::died);
    }
}

TEST(Rest, AGuestThatSleepsByThenIsFoundByWhatItHasUsed) {
    const auto cell = cell_that(Order::burn_for_a_while);
    wait_for_use(*cell);
    EXPECT_FALSE(cell->wake());
    EXPECT_EQ(cell->death().kind, DeathKind::ran_on);
}

TEST(Rest, AGuestThatIsNeverCalledAgainIsKilled) {
    for (const Order what : {Order::burn_until_asked, Order::burn_for_a_while, Order::burn_with_the_turn}) {
        const auto cell = cell_that(what, 0x1234);
        const ProcessWatch watch(cell->pid());
        EXPECT_TRUE(watch.ends());
        EXPECT_FALSE(cell->wake());
        EXPECT_THAT(cell->death().kind, ::testing::AnyOf(DeathKind::ran_on, DeathKind::protocol)) << cell->death().text;
    }
}

TEST(Rest, AGuestThatKeepsAnotherTurnThanTheHostsIsFound) {
    const auto cell = cell_that(Order::burn_with_the_turn, 0x1234);
    wait_for_use(*cell);
    EXPECT_EQ(order(*cell, Order::count), Stop::died);
    // Whichever is seen first: it does both.
    const DeathKind kind = cell->death().kind;
    EXPECT_TRUE(kind == DeathKind::protocol || kind == DeathKind::ran_on) << cell->death().text;
}

TEST(Rest, ResetsAndSnapshotsFindItAsWell) {
    for (const bool reset : {true, false}) {
        const auto cell = cell_that(Order::burn_until_asked);
        wait_for_use(*cell);
        const auto error = reset ? cell->reset().error() : cell->snapshot().error();
        EXPECT_EQ(error.code, ErrorCode::guest_abort);
        EXPECT_THAT(error.message, HasSubstr("went on running"));
    }
}

TEST(Rest, OfAGuestThatSleepsDoesItNoHarm) {
    for (const Handover handover : {Handover::block, Handover::spin}) {
        const auto cell = make_cell_with({.handover = handover});
        for (std::uint64_t call = 1; call <= 5000; ++call) {
            ASSERT_EQ(count(*cell), call);
            let_rest(*cell);
            ASSERT_TRUE(cell->wake()) << cell->death().text;
        }
        let_rest(*cell);
        std::this_thread::sleep_for(1200ms);  // so that it is looked at
        EXPECT_EQ(count(*cell), 5001U) << cell->death().text;
        let_rest(*cell);
        ASSERT_TRUE(cell->reset());
        EXPECT_EQ(count(*cell), 1U);
        let_rest(*cell);
        const auto saved = cell->snapshot();
        ASSERT_TRUE(saved) << saved.error().message;
        EXPECT_EQ(count(*cell), 2U);
    }
}

TEST(Rest, OfAnInterruptedOrDeadCellIsNone) {
    const auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    cell->interrupt();
    let_rest(*cell);
    EXPECT_EQ(cell->resume(), Stop::interrupted);
    ASSERT_TRUE(cell->reset());
    EXPECT_EQ(count(*cell), 1U);
    let_rest(*cell);
    cell->interrupt();
    std::this_thread::sleep_for(700ms);
    EXPECT_EQ(cell->resume(), Stop::interrupted) << cell->death().text;
    ::kill(cell->pid(), SIGKILL);
    EXPECT_FALSE(cell->reset());
    let_rest(*cell);
    EXPECT_FALSE(cell->wake());
}

TEST(Rest, IsWatchedOverInAChildAsWell) {
#if defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "the thread sanitizer starts no threads in a child of a process that had several";
#elif defined(__SANITIZE_ADDRESS__)
    GTEST_SKIP() << "the address sanitizer's allocator stays locked in a child forked while other threads allocate";
#endif
    auto parents = cell_that(Order::count);
    run_in_child([&] {
        parents.reset();
        const auto own = cell_that(Order::burn_until_asked);
        EXPECT_TRUE(ProcessWatch(own->pid()).ends());
    });
    EXPECT_EQ(count(*parents), 3U);
}

TEST(Rest, OfManyCellsThatComeAndGo) {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([] {
            const auto end = std::chrono::steady_clock::now() + 1200ms;
            while (std::chrono::steady_clock::now() < end) {
                const auto cell = make_cell(), other = make_cell();
                for (std::uint64_t call = 1; call <= 3; ++call) {
                    ASSERT_EQ(count(*cell), call) << cell->death().text;
                    let_rest(*cell);
                }
                ASSERT_EQ(count(*other), 1U);
                let_rest(*other);
            }
        });
    }
}

}  // namespace
}  // namespace curfew::cell::testing
