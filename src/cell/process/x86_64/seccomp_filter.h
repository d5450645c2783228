// The system calls that a cell may make: those of the trampoline, with just the arguments that it uses. Everything
// else, also calls by the 32-bit and x32 entries, raises SIGSYS, upon which the trampoline reports the call and ends
// the process.
//
// Installing a filter costs more than all the rest of starting a cell, since the kernel tries it out on every call
// number. So the launcher installs it once, for itself, and its forks inherit it. What the launcher has to do it may
// do because its calls come from its own text. In a cell that text is unmapped, and nothing can be mapped there again.
#ifndef CURFEW_CELL_PROCESS_X86_64_SECCOMP_FILTER_H
#define CURFEW_CELL_PROCESS_X86_64_SECCOMP_FILTER_H

#include <asm/prctl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <linux/time.h>
#include <sys/syscall.h>

#include "cell/process/shared/address_space.h"
#include "cell/process/shared/handshake_words.h"
#include "cell/process/shared/launch.h"
#include "cell/process/x86_64/trampoline.h"

namespace curfew::cell {

// Addresses that the filter knows, all below 4 GiB.
struct FilterPlaces {
    Range launcher;      // its text
    uint64_t waited;     // what stands in the trampoline behind the call by which it waits
    uint64_t fine_time;  // and behind the one by which it asks for a fine clock; cells with coarse time have none there
};

// The program as the kernel takes it.
class SeccompFilter {
  public:
    explicit SeccompFilter(const FilterPlaces& places) {
        constexpr uint64_t kTurn = CURFEW_HANDSHAKE + CURFEW_HANDSHAKE_TURN;
        constexpr uint64_t kClock = CURFEW_HANDSHAKE + CURFEW_HANDSHAKE_CLOCK;
        constexpr uint32_t kDontNeed = 4;
        static_assert(CLOCK_MONOTONIC == CLOCK_REALTIME + 1 && CLOCK_MONOTONIC_COARSE == CLOCK_REALTIME_COARSE + 1);
        constexpr uint32_t kSetMask = 2;

        load(offsetof(seccomp_data, arch));
        emit(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
        emit(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
        load(offsetof(seccomp_data, instruction_pointer) + 4);
        emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 4);
        load(offsetof(seccomp_data, instruction_pointer));
        emit(BPF_JMP | BPF_JGE | BPF_K, static_cast<uint32_t>(places.launcher.address), 0, 2);
        emit(BPF_JMP | BPF_JGE | BPF_K, static_cast<uint32_t>(places.launcher.address + places.launcher.length), 1, 0);
        emit(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

        load(offsetof(seccomp_data, nr));
        // Waiting only there: what the host concludes from a cell that waits rests on where it will go on.
        call(SYS_futex, {equal(0, kTurn), equal(1, FUTEX_WAIT), equal(3, 0), from(places.waited)});
        call(SYS_futex, {equal(0, kTurn), equal(1, FUTEX_WAKE), equal(2, 1)});
        call(SYS_clock_gettime, {low(0, CLOCK_REALTIME, CLOCK_MONOTONIC), equal(1, kClock), from(places.fine_time)});
        call(SYS_clock_gettime, {low(0, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE), equal(1, kClock)});
        // Of the guest's own memory, which lies from the image on, all above the trampoline, and, if it is a frozen program's,
        // below the launcher.
        constexpr uint64_t kHighest = wire::kFrozenAddressLimit >> 32;
        call(SYS_madvise, {low(0, wire::kImageBase, 0xffffffff), below(1, wire::kMaxHeapSize), equal(2, kDontNeed)});
        call(SYS_madvise, {between(0, 1, kHighest), below(1, wire::kMaxHeapSize), equal(2, kDontNeed)});
        call(SYS_madvise,
             {low(0, 0x10000, wire::kFrozenProgramLimit - 1), low(1, 0, kLargestLowDrop), equal(2, kDontNeed)});
        call(SYS_madvise, {equal(0, kSignalStackBase), equal(1, kSignalStackSize), equal(2, kDontNeed)});
        // Where the FS base points is the guest's affair; most processors have an instruction that sets it.
        call(SYS_arch_prctl, {equal(0, ARCH_SET_FS), between(1, 0, kHighest)});
        call(SYS_arch_prctl, {equal(0, ARCH_SET_GS), equal(1, 0)});
        call(SYS_rt_sigprocmask, {equal(0, kSetMask), equal(1, CURFEW_CONST_NO_SIGNALS), equal(2, 0), equal(3, 8)});
        call(SYS_munmap, {equal(0, CURFEW_LAUNCHER_LOW), equal(1, CURFEW_LAUNCHER_LOW_LENGTH)});
        call(SYS_exit_group, {equal(0, 1)});
        emit(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
    }

    sock_fprog program() { return {static_cast<unsigned short>(length_), code_}; }

  private:
    // What an argument, or the calling instruction, must be: its lower and its upper half, each within bounds.
    struct Check {
        uint64_t offset;  // in seccomp_data
        uint32_t low_least, low_most, high_least, high_most;
    };

    static Check equal(unsigned argument, uint64_t value) { return low(argument, value, value); }
    // Both bounds with the same upper half.
    static Check low(unsigned argument, uint64_t least, uint64_t most) {
        const auto upper = static_cast<uint32_t>(least >> 32);
        return {offset_of(argument), static_cast<uint32_t>(least), static_cast<uint32_t>(most), upper, upper};
    }
    // The instruction behind the one that makes the call.
    static Check from(uint64_t instruction) {
        const auto lower = static_cast<uint32_t>(instruction);
        return {offsetof(seccomp_data, instruction_pointer), lower, lower, 0, 0};
    }
    static uint64_t offset_of(unsigned argument) { return offsetof(seccomp_data, args) + uint64_t{8} * argument; }
    // Any value whose upper half is within bounds.
    static Check between(unsigned argument, uint64_t upper_least, uint64_t upper_most) {
        return {offset_of(argument), 0, 0xffffffff, static_cast<uint32_t>(upper_least),
                static_cast<uint32_t>(upper_most)};
    }
    // A length of less than `limit`, a multiple of 4 GiB, or just that.
    static Check below(unsigned argument, uint64_t limit) { return between(argument, 0, limit >> 32); }

    void emit(uint16_t code, uint32_t k, uint8_t when_true = 0, uint8_t otherwise = 0) {
        code_[length_++] = sock_filter{code, when_true, otherwise, k};
    }
    void load(uint64_t offset) { emit(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset)); }

    // Allows one call if all its arguments are right. The accumulator holds the call's number before and after.
    template <unsigned long count>
    void call(uint32_t number, const Check (&checks)[count]) {
        constexpr unsigned kHalf = 3;  // instructions for half an argument
        const unsigned reload = static_cast<unsigned>(length_ + 1 + count * 2 * kHalf + 1);
        emit(BPF_JMP | BPF_JEQ | BPF_K, number, 0, static_cast<uint8_t>(reload - length_));
        for (const Check& check : checks) {
            half(check.offset, check.low_least, check.low_most, reload);
            half(check.offset + 4, check.high_least, check.high_most, reload);
        }
        emit(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
        load(offsetof(seccomp_data, nr));
    }

    void half(uint64_t offset, uint32_t least, uint32_t most, unsigned otherwise) {
        load(offset);
        emit(BPF_JMP | BPF_JGE | BPF_K, least, 0, static_cast<uint8_t>(otherwise - length_ - 1));
        emit(BPF_JMP | BPF_JGT | BPF_K, most, static_cast<uint8_t>(otherwise - length_ - 1), 0);
    }

    sock_filter code_[320];
    unsigned length_ = 0;
};

}  // namespace curfew::cell

#endif
