// What a guest with full control of its native code may try. Every case ends in a bounded time, does the host no harm, and
// leaves a cell that is dead, or that a reset brings back to what it was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "cell/process/testing/process_fixture.h"
#include "cell/testing/processes.h"
#include "cell/testing/watchdog.h"

namespace curfew::cell::testing {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

// Whatever the guest did: the cell is dead, or a reset makes it as new.
void expect_harmless(ProcessCell& cell) {
    if (!cell.death().text.empty() || !cell.reset()) {
        EXPECT_FALSE(cell.death().text.empty());
        EXPECT_EQ(cell.resume(), Stop::died);
        return;
    }
    EXPECT_EQ(count(cell), 1U) << cell.death().text;
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
    const auto cell = make_cell_with({.handover = handover});
    put_in_window(*cell, blow);
    order_for(*cell, 5ms, Order::hammer);
    expect_harmless(*cell);
}

// Where a word of the handshake lies in the mailbox.
constexpr std::uint32_t in_mailbox(std::uint32_t word) { return CURFEW_MAILBOX_BACK_END + word; }

constexpr std::uint32_t kWords[] = {
    CURFEW_HANDSHAKE_TURN,          CURFEW_HANDSHAKE_GUEST_SLEEPS, CURFEW_HANDSHAKE_HOST_SLEEPS,
    CURFEW_HANDSHAKE_GUEST_SPINS,   CURFEW_HANDSHAKE_ACKNOWLEDGED, CURFEW_HANDSHAKE_COMMAND,
    CURFEW_HANDSHAKE_COPY_SOURCE,   CURFEW_HANDSHAKE_COPY_LENGTH,  CURFEW_HANDSHAKE_COPY_LENGTH + 4,
    CURFEW_HANDSHAKE_STACK_POINTER, CURFEW_HANDSHAKE_CLOCK,        CURFEW_HANDSHAKE_FAULT,
    CURFEW_HANDSHAKE_FAULT + 24};
constexpr std::uint32_t kValues[] = {0, 1, 2, 3, 0x7fffffff, 0x80000000, 0xffffffff};

TEST(HostileMailbox, AWordThatKeepsChangingWhileTheGuestRuns) {
    for (const std::uint32_t word : kWords) {
        for (const std::uint32_t value : kValues) attack(Hammer{.turn = 0, .offset = in_mailbox(word), .value = value});
    }
}

TEST(HostileMailbox, AWordThatKeepsChangingWhileTheHostHasTheTurn) {
    for (const std::uint32_t word : kWords) {
        for (const std::uint32_t value : {0U, 1U, 0xffffffffU}) {
            for (const std::uint32_t turn : {CURFEW_TURN_HOST, CURFEW_TURN_HALTED, CURFEW_TURN_FAULTED}) {
                attack(Hammer{.turn = static_cast<std::uint32_t>(turn), .offset = in_mailbox(word), .value = value});
            }
        }
    }
}

TEST(HostileMailbox, SpinningCallersFareNoWorse) {
    for (const std::uint32_t word : kWords) {
        for (const std::uint32_t turn : {0, CURFEW_TURN_HOST}) {
            attack(Hammer{.turn = turn, .offset = in_mailbox(word), .value = 0xffffffff}, Handover::spin);
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
    for (const Hammer blow : {Hammer{CURFEW_TURN_HOST, in_mailbox(CURFEW_HANDSHAKE_CLOCK), 1},
                              Hammer{CURFEW_TURN_HOST, in_mailbox(CURFEW_HANDSHAKE_TURN), CURFEW_TURN_HOST},
                              Hammer{CURFEW_TURN_HOST, in_mailbox(CURFEW_HANDSHAKE_COPY_LENGTH), 0xffffffff}}) {
        const auto cell = make_cell();
        EXPECT_EQ(count(*cell), 1U);  // so that the stack pointer is a parked guest's
        put_in_window(*cell, blow);
        EXPECT_EQ(order(*cell, Order::hammer), Stop::called_out) << cell->death().text;
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
    HandshakeWords& words = handshake_words(cell->mailbox());
    EXPECT_EQ(words.command, static_cast<std::uint32_t>(CURFEW_COMMAND_RESET_AND_RUN));
    EXPECT_LE(words.reset_steps, std::size(words.plan));
    words.command = 0;
    words.reset_plan = words.reset_steps = 0;
    std::memset(words.plan, 0, sizeof words.plan);
    const auto* bytes = reinterpret_cast<const unsigned char*>(&cell->mailbox());
    wire::Mailbox expected{};
    HandshakeWords& expected_words = handshake_words(expected);
    expected_words.turn = words.turn;
    expected_words.guest_sleeps = words.guest_sleeps;
    expected_words.host_sleeps = words.host_sleeps;
    expected_words.stack_pointer = wire::kThreadArea;
    expected.heap_size = kTestSizes.heap;
    expected.stack_size = kTestSizes.stack;
    EXPECT_EQ(expected_words.turn, static_cast<std::uint32_t>(CURFEW_TURN_HOST));
    EXPECT_LE(expected_words.guest_sleeps, 1U);
    EXPECT_LE(expected_words.host_sleeps, 1U);
    EXPECT_EQ(std::memcmp(bytes, &expected, sizeof expected), 0);
    for (std::uint64_t i = sizeof expected; i < wire::kMailboxSize; ++i) ASSERT_EQ(bytes[i], 0) << i;
}

TEST(HostileMailbox, APlanIsErasedBeforeTheGuestRuns) {
    const auto cell = make_cell();
    for (const std::uint64_t pages : {10, 1000}) {
        ask(*cell, Order::dirty, pages);
        ASSERT_TRUE(cell->reset());
        EXPECT_EQ(count(*cell), 1U);
        const HandshakeWords& words = handshake_words(cell->mailbox());
        EXPECT_EQ(words.reset_plan | words.reset_steps, 0U);
        for (const ResetStep& step : words.plan) EXPECT_EQ(step.to | step.from | step.length, 0U);
    }
}

TEST(HostileMailbox, AGuestCannotSayThatThereIsNoIsolation) {
    const auto cell = make_cell();
    EXPECT_EQ(order(*cell, Order::park, CURFEW_TURN_FAULTED), Stop::died);
    EXPECT_THAT(cell->death().text, HasSubstr("makes no sense"));
}

// --- Running when it should not ---

TEST(HostileGuest, UsingTheCpuAfterTheEndOfItsCallIsNoticed) {
    const auto cell = make_cell();
    EXPECT_EQ(order(*cell, Order::park, CURFEW_TURN_HOST), Stop::called_out);
    // Wait until it has burnt more than any parked guest needs; then its time is over whenever the host looks.
    while (*cell->cpu_time() < 50ms) std::this_thread::yield();
    EXPECT_EQ(order_for(*cell, kPatience, Order::count), Stop::died);
    EXPECT_THAT(cell->death().text, HasSubstr("went on running"));
}

TEST(HostileGuest, AParkedGuestUsesNoCpu) {
    for (const Handover handover : {Handover::block, Handover::spin}) {
        const auto cell = make_cell_with({.handover = handover});
        EXPECT_EQ(count(*cell), 1U);
        std::this_thread::sleep_for(30ms);  // long enough for the next call to look whether it sleeps
        EXPECT_EQ(count(*cell), 2U) << cell->death().text;
        EXPECT_TRUE(cell->reset());
        std::this_thread::sleep_for(30ms);
        EXPECT_EQ(count(*cell), 1U) << cell->death().text;
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
        const auto cell = make_cell_with({.handover = handover});
        for (int i = 0; i < 3000; ++i) {
            ASSERT_TRUE(cell->reset());
            ASSERT_EQ(count(*cell), 1U) << i;
        }
    }
}

TEST(HostileGuest, In32BitCodeItIsStopped) {
    const auto cell = make_cell();
    EXPECT_EQ(order_for(*cell, 5ms, Order::spin_in_32_bit_code), Stop::interrupted) << cell->death().text;
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
    put_in_window(*cell, ByteRange{kSignalStackBase, kSignalStackSize});
    ask(*cell, Order::fill);
    EXPECT_EQ(order_for(*cell, 5ms, Order::spin), Stop::interrupted);
    ASSERT_TRUE(cell->reset());
    EXPECT_EQ(ask(*cell, Order::read_byte, kSignalStackBase), 0U);
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
    trampoline.rbx = kTrampolineBase;
    trampoline.rsi = kTrampolineBase;
    trampoline.rdi = wire::kMailboxBase;
    trampoline.rcx = 0x10000;
    trampoline.rdx = 0;
    trampoline.r12 = 1;
    for (const Registers& registers : {Registers{}, odd, trampoline}) {
        for (std::uint64_t offset = 0; offset < kCodeLimit; ++offset) {
            SCOPED_TRACE(offset);
            const auto cell = make_cell();
            put_in_window(*cell, registers);
            handshake_words(cell->mailbox()).reset_steps = 5;  // which makes a plan of the registers
            handshake_words(cell->mailbox()).reset_plan = wire::kWindowBase;
            order_for(*cell, 1ms, Order::jump, kTrampolineBase + offset);
            expect_harmless(*cell);
        }
    }
}

// --- Ending ---

TEST(HostileGuest, EndingIsNoticedAtOnce) {
    const auto cell = make_cell();
    EXPECT_EQ(order(*cell, Order::leave), Stop::died);
    EXPECT_THAT(cell->death().text, HasSubstr("killed from outside"));
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
        ASSERT_TRUE(cell->reset()) << cell->death().text;
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
        ASSERT_TRUE(cell->reset()) << cell->death().text;
        waker.join();
        EXPECT_FALSE(cell->interrupted());
        ASSERT_EQ(count(*cell), 1U);
    }
}

// Takes the CPU from a cell, as a busy machine does, and interrupts it then.
std::jthread stop_and_interrupt(ProcessCell& cell) {
    return std::jthread([&cell] {
        ::kill(cell.pid(), SIGSTOP);
        while (!status_of(cell.pid(), "State").starts_with("T")) std::this_thread::yield();
        cell.interrupt();
    });
}

// A cell that gets no CPU time, as on a busy machine, cannot acknowledge: nobody waits for that but who uses it again.
TEST(Interrupts, OfACellThatDoesNotRunEndTheCallAtOnce) {
    const auto cell = make_cell();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(count(*cell), 1U);
        std::jthread stopper = stop_and_interrupt(*cell);
        EXPECT_EQ(order(*cell, Order::spin), Stop::interrupted);
        stopper.join();
        EXPECT_FALSE(cell->death());
        EXPECT_EQ(cell->resume(), Stop::interrupted);
        EXPECT_FALSE(cell->snapshot());
        EXPECT_TRUE(status_of(cell->pid(), "State").starts_with("T"));
        ASSERT_EQ(::kill(cell->pid(), SIGCONT), 0);
        ASSERT_TRUE(cell->reset()) << cell->death().text;
    }
}

TEST(Interrupts, OfACellThatStaysStoppedEndItInTheNextReset) {
    const auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    const std::jthread stopper = stop_and_interrupt(*cell);
    EXPECT_EQ(order(*cell, Order::spin), Stop::interrupted);
    EXPECT_FALSE(cell->reset());
    EXPECT_THAT(cell->death().text, HasSubstr("did not react to a reset"));
}

TEST(Interrupts, StoppingACellForAWhileOnlyDelaysACall) {
    const auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    ASSERT_EQ(::kill(cell->pid(), SIGSTOP), 0);
    std::jthread waker([&] {
        std::this_thread::sleep_for(5ms);
        ::kill(cell->pid(), SIGCONT);
    });
    EXPECT_EQ(count(*cell), 2U) << cell->death().text;
}

// Whatever delays a cell's start must not delay a limit.
TEST(Interrupts, OfACellThatHasNotStartedEndIt) {
    make_cell();  // later ones are not waited for when they are made
    for (int attempt = 0; attempt < 1000; ++attempt) {
        const auto cell = make_cell();
        ::kill(cell->pid(), SIGSTOP);
        while (!status_of(cell->pid(), "State").starts_with("T")) std::this_thread::yield();
        if (handshake_words(cell->mailbox()).turn != Handshake::kStarting) continue;
        const auto begin = std::chrono::steady_clock::now();
        EXPECT_EQ(order_for(*cell, 20ms, Order::count), Stop::interrupted);
        EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
        EXPECT_THAT(cell->death().text, HasSubstr("before it had started"));
        EXPECT_FALSE(cell->lost_before_entry());
        EXPECT_EQ(cell->resume(), Stop::died);
        EXPECT_FALSE(cell->reset());
        return;
    }
    FAIL() << "all cells had started when they were stopped";
}

TEST(Interrupts, OfAStoppedCellByAResetEndIt) {
    const auto cell = make_cell();
    EXPECT_EQ(count(*cell), 1U);
    ASSERT_EQ(::kill(cell->pid(), SIGSTOP), 0);
    // Until the stop has taken effect, the cell still waits for its turn, and its reset can be left to that.
    while (!status_of(cell->pid(), "State").starts_with("T")) std::this_thread::yield();
    EXPECT_FALSE(cell->reset());
    EXPECT_THAT(cell->death().text, HasSubstr("did not react to a reset"));
}

}  // namespace
}  // namespace curfew::cell::testing
