// What a guest with full control of its native code may try. Every case ends in a bounded time, does the host no harm, and
// leaves a cell that is dead, or that a reset brings back to what it was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "cell/process/trampoline.h"
#include "cell/testing/cell_fixture.h"
#include "cell/testing/processes.h"
#include "cell/testing/watchdog.h"

namespace curfew::cell::testing {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

// Whatever the guest did: the cell is dead, or a reset makes it as new.
void expect_harmless(ProcessCell& cell) {
    if (!cell.death().empty() || !cell.reset()) {
        EXPECT_FALSE(cell.death().empty());
        EXPECT_EQ(cell.resume(), Stop::died);
        return;
    }
    EXPECT_EQ(count(cell), 1U) << cell.death();
    EXPECT_EQ(descriptors_of(cell.pid()), 0U);
}

void attack(Order what, std::uint64_t argument) {
    const auto cell = make_cell();
    order_for(*cell, 5ms, what, argument);
    expect_harmless(*cell);
}

void attack(const Hammer& blow, Handover handover = Handover::block) {
    SCOPED_TRACE("turn " + std::to_string(blow.turn) + ", word " + std::to_string(blow.offset) + " = " +
                 std::to_string(blow.value));
    const auto cell = make_cell(test_image(), handover);
    put_in_window(*cell, blow);
    order_for(*cell, 5ms, Order::hammer);
    expect_harmless(*cell);
}

constexpr std::uint32_t kWords[] = {
    CURFEW_MAILBOX_TURN,          CURFEW_MAILBOX_GUEST_SLEEPS, CURFEW_MAILBOX_HOST_SLEEPS,
    CURFEW_MAILBOX_GUEST_SPINS,   CURFEW_MAILBOX_ACKNOWLEDGED, CURFEW_MAILBOX_COMMAND,
    CURFEW_MAILBOX_COPY_SOURCE,   CURFEW_MAILBOX_COPY_LENGTH,  CURFEW_MAILBOX_COPY_LENGTH + 4,
    CURFEW_MAILBOX_STACK_POINTER, CURFEW_MAILBOX_CLOCK,        CURFEW_MAILBOX_FAULT,
    CURFEW_MAILBOX_FAULT + 24};
constexpr std::uint32_t kValues[] = {0, 1, 2, 3, 0x7fffffff, 0x80000000, 0xffffffff};

TEST(HostileMailbox, AWordThatKeepsChangingWhileTheGuestRuns) {
    for (const std::uint32_t word : kWords) {
        for (const std::uint32_t value : kValues) attack(Hammer{.turn = 0, .offset = word, .value = value});
    }
}

TEST(HostileMailbox, AWordThatKeepsChangingWhileTheHostHasTheTurn) {
    for (const std::uint32_t word : kWords) {
        for (const std::uint32_t value : {0U, 1U, 0xffffffffU}) {
            for (const std::uint32_t turn : {CURFEW_TURN_HOST, CURFEW_TURN_HALTED, CURFEW_TURN_FAULTED}) {
                attack(Hammer{.turn = static_cast<std::uint32_t>(turn), .offset = word, .value = value});
            }
        }
    }
}

TEST(HostileMailbox, SpinningCallersFareNoWorse) {
    for (const std::uint32_t word : kWords) {
        for (const std::uint32_t turn : {0, CURFEW_TURN_HOST}) {
            attack(Hammer{.turn = turn, .offset = word, .value = 0xffffffff}, Handover::spin);
        }
    }
}

TEST(HostileMailbox, RandomWords) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        SCOPED_TRACE(seed);
        const auto cell = make_cell();
        order_for(*cell, 2ms, Order::scramble, seed);
        if (seed % 2 == 0) {
            const auto saved = cell->snapshot();
            EXPECT_TRUE(saved || saved.error().code == ErrorCode::guest_abort);
        }
        expect_harmless(*cell);
    }
}

// The host asks for the memory piece by piece; a guest that is not where it should be answers as it likes, or not.
TEST(HostileMailbox, ASnapshotOfAGuestThatDoesNotPark) {
    for (const Hammer blow : {Hammer{CURFEW_TURN_HOST, CURFEW_MAILBOX_CLOCK, 1},
                              Hammer{CURFEW_TURN_HOST, CURFEW_MAILBOX_TURN, CURFEW_TURN_HOST},
                              Hammer{CURFEW_TURN_HOST, CURFEW_MAILBOX_COPY_LENGTH, 0xffffffff}}) {
        const auto cell = make_cell();
        EXPECT_EQ(count(*cell), 1U);  // so that the stack pointer is a parked guest's
        put_in_window(*cell, blow);
        EXPECT_EQ(order(*cell, Order::hammer), Stop::called_out) << cell->death();
        const auto saved = cell->snapshot();
        if (!saved) {
            EXPECT_EQ(saved.error().code, ErrorCode::guest_abort);
            EXPECT_THAT(saved.error().message, HasSubstr("no snapshot could be taken"));
        }
        expect_harmless(*cell);
    }
}

TEST(HostileMailbox, ASnapshotCanBeInterrupted) {
    const auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    EXPECT_EQ(order(*cell, Order::park, CURFEW_TURN_HOST), Stop::called_out);
    const Watchdog watchdog(*cell, 5ms);
    const auto saved = cell->snapshot();
    ASSERT_FALSE(saved);
    EXPECT_THAT(saved.error().message, HasSubstr("the cell was interrupted"));
    EXPECT_EQ(cell->resume(), Stop::interrupted);
    expect_harmless(*cell);
}

TEST(HostileMailbox, AResetLeavesNothingOfTheGuestInIt) {
    const auto cell = make_cell();
    EXPECT_EQ(order(*cell, Order::scribble_mailbox), Stop::called_out);
    ASSERT_TRUE(cell->reset());
    // What is left to do for the reset is the host's.
    wire::Mailbox& mailbox = cell->mailbox();
    EXPECT_EQ(mailbox.command, static_cast<std::uint32_t>(CURFEW_COMMAND_RESET_AND_RUN));
    EXPECT_LE(mailbox.reset_steps, std::size(mailbox.plan));
    mailbox.command = 0;
    mailbox.reset_plan = mailbox.reset_steps = 0;
    std::memset(mailbox.plan, 0, sizeof mailbox.plan);
    const auto* bytes = reinterpret_cast<const unsigned char*>(&cell->mailbox());
    wire::Mailbox expected{};
    expected.turn = cell->mailbox().turn;
    expected.guest_sleeps = cell->mailbox().guest_sleeps;
    expected.host_sleeps = cell->mailbox().host_sleeps;
    expected.stack_pointer = wire::kThreadArea;
    expected.heap_size = kTestSizes.heap;
    expected.stack_size = kTestSizes.stack;
    EXPECT_EQ(expected.turn, static_cast<std::uint32_t>(CURFEW_TURN_HOST));
    EXPECT_LE(expected.guest_sleeps, 1U);
    EXPECT_LE(expected.host_sleeps, 1U);
    EXPECT_EQ(std::memcmp(bytes, &expected, sizeof expected), 0);
    for (std::uint64_t i = sizeof expected; i < wire::kMailboxSize; ++i) ASSERT_EQ(bytes[i], 0) << i;
}

TEST(HostileMailbox, APlanIsErasedBeforeTheGuestRuns) {
    const auto cell = make_cell();
    for (const std::uint64_t pages : {10, 1000}) {
        ask(*cell, Order::dirty, pages);
        ASSERT_TRUE(cell->reset());
        EXPECT_EQ(count(*cell), 1U);
        const wire::Mailbox& mailbox = cell->mailbox();
        EXPECT_EQ(mailbox.reset_plan | mailbox.reset_steps, 0U);
        for (const wire::ResetStep& step : mailbox.plan) EXPECT_EQ(step.to | step.from | step.length, 0U);
    }
}

TEST(HostileMailbox, AGuestCannotSayThatThereIsNoIsolation) {
    const auto cell = make_cell();
    EXPECT_EQ(order(*cell, Order::park, CURFEW_TURN_FAULTED), Stop::died);
    EXPECT_THAT(cell->death(), HasSubstr("makes no sense"));
}

// --- Running when it should not ---

TEST(HostileGuest, UsingTheCpuAfterTheEndOfItsCallIsNoticed) {
    const auto cell = make_cell();
    EXPECT_EQ(order(*cell, Order::park, CURFEW_TURN_HOST), Stop::called_out);
    // Wait until it has burnt more than any parked guest needs; then its time is over whenever the host looks.
    timespec used{};
    while (used.tv_sec == 0 && used.tv_nsec < 50'000'000) {
        std::this_thread::yield();
        ::clock_gettime(cell->cpu_clock(), &used);
    }
    EXPECT_EQ(order_for(*cell, kPatience, Order::count), Stop::died);
    EXPECT_THAT(cell->death(), HasSubstr("went on running"));
}

TEST(HostileGuest, AParkedGuestUsesNoCpu) {
    for (const Handover handover : {Handover::block, Handover::spin}) {
        const auto cell = make_cell(test_image(), handover);
        EXPECT_EQ(count(*cell), 1U);
        std::this_thread::sleep_for(30ms);  // long enough for the next call to look whether it sleeps
        EXPECT_EQ(count(*cell), 2U) << cell->death();
        EXPECT_TRUE(cell->reset());
        std::this_thread::sleep_for(30ms);
        EXPECT_EQ(count(*cell), 1U) << cell->death();
    }
}

TEST(HostileGuest, AResetStopsAGuestThatDoesNotPark) {
    for (int i = 0; i < 100; ++i) {
        const auto cell = make_cell();
        EXPECT_EQ(order(*cell, Order::park, CURFEW_TURN_HOST), Stop::called_out);
        ASSERT_TRUE(cell->reset());
        ASSERT_EQ(count(*cell), 1U) << i;
    }
}

TEST(HostileGuest, CallsRightAfterAResetAreNotLost) {
    for (const Handover handover : {Handover::block, Handover::spin}) {
        const auto cell = make_cell(test_image(), handover);
        for (int i = 0; i < 3000; ++i) {
            ASSERT_TRUE(cell->reset());
            ASSERT_EQ(count(*cell), 1U) << i;
        }
    }
}

TEST(HostileGuest, In32BitCodeItIsStopped) {
    const auto cell = make_cell();
    EXPECT_EQ(order_for(*cell, 5ms, Order::spin_in_32_bit_code), Stop::interrupted) << cell->death();
    expect_harmless(*cell);
}

// --- The signal stack ---

TEST(HostileGuest, WithItsStackOnTheSignalStack) {
    for (const std::uint64_t offset :
         {0UL, 1UL, 8UL, 64UL, 1000UL, 3000UL, 4096UL, 8192UL, CURFEW_SIGNAL_STACK_SIZE - 4096UL,
          CURFEW_SIGNAL_STACK_SIZE - 1UL, CURFEW_SIGNAL_STACK_SIZE + 0UL, CURFEW_SIGNAL_STACK_SIZE + 64UL}) {
        SCOPED_TRACE(offset);
        attack(Order::run_on_signal_stack, offset);
    }
}

TEST(HostileGuest, WithARuinedSignalStack) {
    const auto cell = make_cell();
    put_in_window(*cell, Range{wire::kSignalStackBase, wire::kSignalStackSize});
    ask(*cell, Order::fill);
    EXPECT_EQ(order_for(*cell, 5ms, Order::spin), Stop::interrupted);
    ASSERT_TRUE(cell->reset());
    EXPECT_EQ(ask(*cell, Order::read_byte, wire::kSignalStackBase), 0U);
    EXPECT_EQ(count(*cell), 1U);
}

// --- The trampoline, entered where it should not be ---

TEST(HostileGuest, JumpingIntoTheTrampoline) {
    constexpr std::uint64_t kCodeLimit = 0x400;  // only zeros lie between the code and the constants
    Registers odd{};
    odd.rax = odd.rbx = odd.rbp = wire::kImageBase;
    odd.rcx = odd.r8 = odd.r9 = ~0UL;
    odd.rdx = wire::kHeapBase;
    odd.rsi = wire::kHeapBase + 4096;
    odd.rdi = CURFEW_CELL_SIGNAL;
    odd.r12 = 0x1234567812345678;
    odd.rsp = wire::kThreadArea - 4096;
    Registers trampoline = odd;
    trampoline.rbx = wire::kTrampolineBase;
    trampoline.rsi = wire::kTrampolineBase;
    trampoline.rdi = wire::kMailboxBase;
    trampoline.rcx = 0x10000;
    trampoline.rdx = 0;
    trampoline.r12 = 1;
    for (const Registers& registers : {Registers{}, odd, trampoline}) {
        for (std::uint64_t offset = 0; offset < kCodeLimit; ++offset) {
            SCOPED_TRACE(offset);
            const auto cell = make_cell();
            put_in_window(*cell, registers);
            cell->mailbox().reset_steps = 5;  // which makes a plan of the registers
            cell->mailbox().reset_plan = wire::kWindowBase;
            order_for(*cell, 1ms, Order::jump, wire::kTrampolineBase + offset);
            expect_harmless(*cell);
        }
    }
}

// --- Ending ---

TEST(HostileGuest, EndingIsNoticedAtOnce) {
    const auto cell = make_cell();
    EXPECT_EQ(order(*cell, Order::leave), Stop::died);
    EXPECT_THAT(cell->death(), HasSubstr("killed from outside"));
}

// The kernel tells the host of a cell's end only if the turn says that the cell's thread has it.
TEST(HostileGuest, EndingUnnoticedIsNoticedLater) {
    for (const std::uint32_t turn : {0xdeadU, 0x40000000U}) {
        const auto cell = make_cell();
        EXPECT_EQ(order(*cell, Order::leave_later, turn), Stop::died);
    }
    const auto cell = make_cell();
    EXPECT_EQ(order(*cell, Order::leave_later, CURFEW_TURN_HOST), Stop::called_out);
    EXPECT_EQ(order(*cell, Order::count), Stop::died);
}

// --- Interrupts ---

TEST(Interrupts, ByTheThousandDoNoHarm) {
    const auto cell = make_cell();
    for (int round = 0; round < 20; ++round) {
        std::jthread other([&] {
            for (int i = 0; i < 500; ++i) cell->interrupt();
        });
        for (int i = 0; i < 500; ++i) cell->interrupt();
        EXPECT_EQ(order(*cell, Order::count), Stop::interrupted);
        other.join();
        ASSERT_TRUE(cell->reset()) << cell->death();
        ASSERT_EQ(count(*cell), 1U);
    }
}

TEST(Interrupts, PendingWithAResetLeadToTheReset) {
    const auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    for (int i = 0; i < 200; ++i) {
        // Both are pending when the cell goes on.
        ASSERT_EQ(::kill(cell->pid(), SIGSTOP), 0);
        cell->interrupt();
        std::jthread waker([&] { ::kill(cell->pid(), SIGCONT); });
        ASSERT_TRUE(cell->reset()) << cell->death();
        waker.join();
        EXPECT_FALSE(cell->interrupted());
        ASSERT_EQ(count(*cell), 1U);
    }
}

TEST(Interrupts, OfAStoppedCellInACallEndIt) {
    const auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    std::jthread stopper([&] {
        ::kill(cell->pid(), SIGSTOP);
        cell->interrupt();
    });
    EXPECT_EQ(order(*cell, Order::spin), Stop::died);
    EXPECT_THAT(cell->death(), HasSubstr("did not react to an interrupt"));
}

TEST(Interrupts, StoppingACellForAWhileOnlyDelaysACall) {
    const auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    ASSERT_EQ(::kill(cell->pid(), SIGSTOP), 0);
    std::jthread waker([&] {
        std::this_thread::sleep_for(5ms);
        ::kill(cell->pid(), SIGCONT);
    });
    EXPECT_EQ(count(*cell), 2U) << cell->death();
}

TEST(Interrupts, OfAStoppedCellByAResetEndIt) {
    const auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    ASSERT_EQ(::kill(cell->pid(), SIGSTOP), 0);
    // Until the stop has taken effect, the cell still waits for its turn, and its reset can be left to that.
    while (!status_of(cell->pid(), "State").starts_with("T")) std::this_thread::yield();
    EXPECT_FALSE(cell->reset());
    EXPECT_THAT(cell->death(), HasSubstr("did not react to a reset"));
}

}  // namespace
}  // namespace curfew::cell::testing
