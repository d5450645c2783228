// Which system calls a cell may make: each that its trampoline needs, with just the arguments that it uses.
#include <asm/prctl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <string>
#include <vector>

#include "cell/process/testing/process_fixture.h"
#include "cell/process/x86_64/trampoline.h"

namespace curfew::cell::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kLastSystemCall = 462;
constexpr std::uint64_t kX32 = 0x40000000;

Stop make_call(Cell& cell, const SystemCall& call) {
    put_in_window(cell, call);
    return order(cell, Order::system_call_with);
}

// A refused call ends the cell, or goes on in the dispatcher of a frozen program.
void expect_forbidden(const SystemCall& call) {
    const auto cell = make_cell();
    const Stop stop = make_call(*cell, call);
    if (tests_frozen_image()) {
        ASSERT_EQ(stop, Stop::called_out) << cell->death().text;
        ASSERT_EQ(cell->mailbox().message.name_length, call.number + kRefused);
        return;
    }
    ASSERT_EQ(stop, Stop::died) << "system call " << call.number;
    EXPECT_THAT(cell->death().text, HasSubstr("forbidden system call " + std::to_string(call.number) + " at"));
}

// uretprobe and uprobe. Newer kernels let them pass by every filter, and refuse them themselves, with SIGILL or an errno,
// unless they come from code that the kernel put into the process for a tracer.
constexpr std::uint64_t kUretprobe = 335, kUprobe = 336;

void expect_no_effect(std::uint64_t number) {
    const auto cell = make_cell();
    if (order(*cell, Order::system_call, number) == Stop::died) {
        EXPECT_THAT(cell->death().text, ::testing::AnyOf(HasSubstr("forbidden system call " + std::to_string(number)),
                                                         HasSubstr("illegal instruction")));
        return;
    }
    EXPECT_LT(static_cast<std::int64_t>(cell->mailbox().message.name_length), 0);
    EXPECT_EQ(count(*cell), 1U);
}

// With zeros for arguments, so the calls that the trampoline makes are refused as well.
void expect_that_all_end_the_cell(Order entry, std::uint64_t bits, const std::string& report) {
    for (std::uint64_t number = 0; number <= kLastSystemCall; ++number) {
        if (entry == Order::system_call && bits == 0 && (number == kUretprobe || number == kUprobe)) continue;
        if (entry == Order::system_call && tests_frozen_image()) {
            expect_forbidden({number | bits, {}});
            continue;
        }
        const auto cell = make_cell();
        ASSERT_EQ(order(*cell, entry, number | bits), Stop::died) << report << number;
        ASSERT_THAT(cell->death().text,
                    HasSubstr("the guest made the forbidden " + report + std::to_string(number) + " at"));
    }
}

TEST(SystemCalls, AllEndTheCell) { expect_that_all_end_the_cell(Order::system_call, 0, "system call "); }

TEST(SystemCalls, UprobeCallsHaveNoEffect) {
    expect_no_effect(kUretprobe);
    expect_no_effect(kUprobe);
}

TEST(SystemCalls, AllEndTheCellByThe32BitEntry) {
    expect_that_all_end_the_cell(Order::system_call_32, 0, "32-bit system call ");
}

TEST(SystemCalls, AllEndTheCellByTheX32Entry) {
    expect_that_all_end_the_cell(Order::system_call, kX32, "x32 system call ");
}

TEST(SystemCalls, NumbersThatMeanNothingEndTheCell) {
    for (const std::uint64_t number : {463UL, 511UL, 548UL, 1000UL, 0x7fffffffUL, 0xffffffffUL, 0xffffffffffffffffUL}) {
        const auto cell = make_cell();
        if (tests_frozen_image()) {
            // The number that the dispatcher gets is of 64 bits, as the register was.
            EXPECT_EQ(ask(*cell, Order::system_call, number), number + kRefused);
            continue;
        }
        EXPECT_EQ(order(*cell, Order::system_call, number), Stop::died) << number;
        EXPECT_THAT(cell->death().text, HasSubstr("forbidden")) << number;
    }
}

TEST(SystemCalls, EndTheCellFrom32BitCode) {
    for (const std::uint64_t number : {1UL, 11UL, 120UL, 192UL}) {
        for (const Order entry : {Order::system_call_in_32_bit_code, Order::sysenter_in_32_bit_code}) {
            const auto cell = make_cell();
            EXPECT_EQ(order(*cell, entry, number), Stop::died);
            const auto refused = HasSubstr("32-bit system call " + std::to_string(number));
            if (entry == Order::sysenter_in_32_bit_code) {
                // Processors of some makers have no such instruction in 64-bit mode.
                EXPECT_THAT(cell->death().text, ::testing::AnyOf(refused, HasSubstr("illegal instruction")));
            } else {
                EXPECT_THAT(cell->death().text, refused);
            }
        }
    }
}

struct Argument {
    unsigned index;
    std::vector<std::uint64_t> wrong;
};

struct AllowedCall {
    const char* name;
    SystemCall call;
    long result;
    std::vector<Argument> checked;

    friend void PrintTo(const AllowedCall& call, std::ostream* out) { *out << call.name; }
};

// Other values than the right one, also such that differ only in the upper half.
std::vector<std::uint64_t> other_than(std::uint64_t right) {
    constexpr std::uint64_t kUpper = std::uint64_t{1} << 32;
    return {right + 1, right ^ 0x40, right | kUpper, right | kUpper << 31, ~right, 1000};
}

constexpr std::uint64_t kTurn = CURFEW_HANDSHAKE + CURFEW_HANDSHAKE_TURN;
constexpr std::uint64_t kClock = CURFEW_HANDSHAKE + CURFEW_HANDSHAKE_CLOCK;
constexpr std::uint64_t kFar = std::uint64_t{1} << 32;

std::vector<std::uint64_t> other_advice() {
    std::vector<std::uint64_t> all;
    for (std::uint64_t advice = 0; advice < 32; ++advice) {
        if (advice != MADV_DONTNEED) all.push_back(advice);
    }
    all.insert(all.end(), {100, 101, 102, MADV_DONTNEED + kFar});
    return all;
}

std::vector<AllowedCall> allowed_calls() {
    const std::vector<std::uint64_t> elsewhere{0,
                                               kTrampolineBase,
                                               kTrampolineBase + wire::kPageSize,
                                               kSignalStackBase - wire::kPageSize,
                                               kSignalStackBase + wire::kPageSize,
                                               wire::kMailboxBase,
                                               wire::kWindowBase,
                                               wire::kImageBase - wire::kPageSize,
                                               CURFEW_LAUNCHER_LOW,
                                               wire::kFrozenProgramLimit,
                                               std::uint64_t{1} << 47,
                                               0xffffffffff600000};
    return {
        {"FutexWake",
         {SYS_futex, {kTurn, FUTEX_WAKE, 1}},
         0,
         {{0, other_than(kTurn)}, {1, {2, 3, 4, 5, 9, 128, 129, 256, 257, kFar + 1}}, {2, {0, 2, kFar + 1}}}},
        // The fine ones are told at one place of the trampoline only; see side_channel_test.cc.
        {"RealTimeOfTheTick",
         {SYS_clock_gettime, {CLOCK_REALTIME_COARSE, kClock}},
         0,
         {{0, {0, 1, 2, 3, 4, 7, 8, 9, 11, kFar, kFar + CLOCK_REALTIME_COARSE, ~0UL}}, {1, other_than(kClock)}}},
        {"MonotonicTimeOfTheTick", {SYS_clock_gettime, {CLOCK_MONOTONIC_COARSE, kClock}}, 0, {{1, other_than(kClock)}}},
        {"DropHeap",
         {SYS_madvise, {wire::kHeapBase, kTestSizes.heap, MADV_DONTNEED}},
         0,
         {{0, elsewhere}, {1, {wire::kMaxHeapSize + kFar, ~0UL}}, {2, other_advice()}}},
        {"DropStack",
         {SYS_madvise, {wire::kStackTop - kTestSizes.stack, wire::kPageSize, MADV_DONTNEED}},
         0,
         {{0, elsewhere}, {1, {wire::kMaxHeapSize + kFar, ~0UL}}, {2, other_advice()}}},
        // Where a frozen program lies; nothing is there in this cell.
        {"DropLow",
         {SYS_madvise, {0x400000, wire::kPageSize, MADV_DONTNEED}},
         tests_frozen_image() ? 0 : -ENOMEM,
         {{0, elsewhere}, {1, {kLargestLowDrop + 1, kFar, ~0UL}}, {2, other_advice()}}},
        {"DropSignalStack",
         {SYS_madvise, {kSignalStackBase, kSignalStackSize, MADV_DONTNEED}},
         0,
         {{0, elsewhere},
          {1, {0, wire::kPageSize, kSignalStackSize + 1, wire::kMailboxBase - kSignalStackBase + 4096}},
          {2, other_advice()}}},
        {"SetFsBase",
         {SYS_arch_prctl, {ARCH_SET_FS, wire::kThreadArea}},
         0,
         {{0, {ARCH_SET_GS, ARCH_GET_FS, ARCH_GET_GS, 0x1011, 0x1012, 0x1022, 0x1023, 0x2001, 0x5001}},
          {1, {std::uint64_t{1} << 47, ~0UL}}}},
        {"SetGsBase", {SYS_arch_prctl, {ARCH_SET_GS, 0}}, 0, {{1, {1, wire::kHeapBase, kFar}}}},
        {"UnblockSignals",
         {SYS_rt_sigprocmask, {SIG_SETMASK, CURFEW_CONST_NO_SIGNALS, 0, 8}},
         0,
         {{0, {0, 1, 3, kFar + 2}},
          {1, {0, CURFEW_CONST_NO_SIGNALS + 8, CURFEW_CONST_NO_SIGNALS - 8, wire::kHeapBase}},
          {2, {wire::kHeapBase, kFar}},
          {3, {0, 4, 16, kFar + 8}}}},
        {"DropLauncher",
         {SYS_munmap, {CURFEW_LAUNCHER_LOW, CURFEW_LAUNCHER_LOW_LENGTH}},
         0,
         {{0, {0, kTrampolineBase, wire::kHeapBase, CURFEW_LAUNCHER_LOW + kFar}},
          {1, {0, wire::kPageSize, CURFEW_LAUNCHER_LOW_LENGTH + wire::kPageSize, kFar}}}},
        {"Leave", {SYS_exit_group, {1}}, 0, {{0, {0, 2, kFar + 1, ~0UL}}}},
    };
}

class Allowed : public ::testing::TestWithParam<AllowedCall> {};

TEST_P(Allowed, WorksAsTheTrampolineMakesIt) {
    const AllowedCall& allowed = GetParam();
    const auto cell = make_cell();
    if (allowed.call.number == SYS_exit_group) {
        EXPECT_EQ(make_call(*cell, allowed.call), Stop::died);
        EXPECT_THAT(cell->death().text, ::testing::Not(HasSubstr("forbidden")));
        return;
    }
    ASSERT_EQ(make_call(*cell, allowed.call), Stop::called_out) << cell->death().text;
    // A call to wake the host may or may not find it asleep.
    const auto result = static_cast<long>(cell->mailbox().message.name_length);
    EXPECT_TRUE(result == allowed.result || (allowed.call.number == SYS_futex && result == 1)) << result;
    ASSERT_TRUE(cell->reset()) << cell->death().text;
    EXPECT_EQ(count(*cell), 1U);
}

TEST_P(Allowed, IsForbiddenWithAnyOtherArgument) {
    for (const Argument& argument : GetParam().checked) {
        for (const std::uint64_t value : argument.wrong) {
            SCOPED_TRACE("argument " + std::to_string(argument.index) + " is " + std::to_string(value));
            SystemCall call = GetParam().call;
            call.arguments[argument.index] = value;
            expect_forbidden(call);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Calls, Allowed, ::testing::ValuesIn(allowed_calls()),
                         [](const auto& test) { return std::string(test.param.name); });

// The places in the trampoline where a system call is made.
std::vector<std::uint64_t> call_sites(Cell& cell) {
    std::vector<std::uint64_t> sites;
    std::uint64_t before = 0;
    for (std::uint64_t at = kTrampolineBase; at < kTrampolineBase + CURFEW_TRAMPOLINE_SIZE; ++at) {
        const std::uint64_t byte = ask(cell, Order::read_byte, at);
        if (before == 0x0f && byte == 0x05) sites.push_back(at - 1);
        before = byte;
    }
    return sites;
}

TEST(SystemCalls, AreForbiddenAtTheTrampolinesOwnPlacesToo) {
    CURFEW_SKIP_IF_REFUSED_CALLS_GO_ON();
    const auto sites = call_sites(*make_cell());
    EXPECT_GE(sites.size(), 8U);
    for (const std::uint64_t site : sites) {
        for (const std::uint64_t number : {SYS_read,           SYS_write,
                                           SYS_open,           SYS_mmap,
                                           SYS_mprotect,       SYS_brk,
                                           SYS_rt_sigaction,   SYS_rt_sigreturn,
                                           SYS_mremap,         SYS_shmat,
                                           SYS_clone,          SYS_fork,
                                           SYS_vfork,          SYS_execve,
                                           SYS_exit,           SYS_kill,
                                           SYS_ptrace,         SYS_sigaltstack,
                                           SYS_prctl,          SYS_tgkill,
                                           SYS_openat,         SYS_unshare,
                                           SYS_seccomp,        SYS_memfd_create,
                                           SYS_execveat,       SYS_process_vm_writev,
                                           SYS_io_uring_setup, SYS_clone3,
                                           SYS_futex,          SYS_madvise,
                                           SYS_munmap,         SYS_exit_group}) {
            const auto cell = make_cell();
            Registers registers{};
            registers.rax = number;
            registers.rsp = wire::kThreadArea - 1024;
            put_in_window(*cell, registers);
            ASSERT_EQ(order(*cell, Order::jump, site), Stop::died) << number << " at " << site;
            EXPECT_THAT(cell->death().text, HasSubstr("forbidden system call " + std::to_string(number) + " at"));
        }
    }
}

// A cell waits at one place only; what the host concludes from that it waits rests on this.
TEST(SystemCalls, WaitingIsForbiddenButAtOnePlaceOfTheTrampoline) {
    CURFEW_SKIP_IF_REFUSED_CALLS_GO_ON();
    constexpr std::uint64_t kNobodysTurn = 99;  // so that the guest does not sleep for ever
    expect_forbidden({SYS_futex, {kTurn, FUTEX_WAIT, kNobodysTurn, 0}});
    unsigned waiting = 0;
    for (const std::uint64_t site : call_sites(*make_cell())) {
        Registers registers{};
        registers.rax = SYS_futex;
        registers.rdi = kTurn;
        registers.rsi = FUTEX_WAIT;
        registers.rdx = kNobodysTurn;
        registers.rbx = 0x1000;  // where it goes on when it has the turn
        registers.rsp = wire::kThreadArea - 1024;
        const auto cell = make_cell();
        put_in_window(*cell, registers);
        EXPECT_EQ(order(*cell, Order::jump, site), Stop::died);
        if (cell->death().text.contains("forbidden system call 202 at")) continue;
        EXPECT_THAT(cell->death().text, HasSubstr("the guest touched address 0x1000"));
        ++waiting;
        for (std::vector<std::uint64_t> wrong : {std::vector<std::uint64_t>{kTurn + 1, FUTEX_WAIT, 0},
                                                 {wire::kHeapBase, FUTEX_WAIT, 0},
                                                 {kTurn, FUTEX_LOCK_PI, 0},
                                                 {kTurn, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 0},
                                                 {kTurn, FUTEX_WAIT, wire::kHeapBase}}) {
            const auto other = make_cell();
            registers.rdi = wrong[0];
            registers.rsi = wrong[1];
            registers.r10 = wrong[2];
            put_in_window(*other, registers);
            EXPECT_EQ(order(*other, Order::jump, site), Stop::died);
            EXPECT_THAT(other->death().text, HasSubstr("forbidden system call 202 at"));
        }
    }
    EXPECT_EQ(waiting, 1U);
}

// The launcher's own text may make any call, so nothing may ever lie there in a cell.
TEST(SystemCalls, NothingCanBeMappedWhereTheLauncherWas) {
    CURFEW_SKIP_IF_REFUSED_CALLS_GO_ON();
    constexpr std::uint64_t kLauncherText = 0x400000;
    constexpr std::uint64_t kAll = PROT_READ | PROT_WRITE | PROT_EXEC;
    expect_forbidden({SYS_mmap, {kLauncherText, 4096, kAll, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, ~0UL, 0}});
    expect_forbidden({SYS_mremap, {wire::kHeapBase, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, kLauncherText}});
    expect_forbidden({SYS_remap_file_pages, {wire::kMailboxBase, 4096, 0, 0, 0}});
    expect_forbidden({SYS_shmat, {0, kLauncherText, 0}});
    expect_forbidden({SYS_brk, {kLauncherText + 4096}});
    expect_forbidden({SYS_mprotect, {wire::kHeapBase, 4096, kAll}});
    for (std::uint64_t page = kLauncherText - 8 * 4096; page < kLauncherText + 16 * 4096; page += 4096) {
        for (const std::uint64_t address : {page, page + 0x123}) {
            const auto cell = make_cell();
            put_in_window(*cell, Registers{});
            EXPECT_EQ(order(*cell, Order::jump, address), Stop::died);
            EXPECT_THAT(cell->death().text, HasSubstr("the guest touched address 0x"));
        }
    }
}

}  // namespace
}  // namespace curfew::cell::testing
