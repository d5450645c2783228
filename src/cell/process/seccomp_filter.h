// The system calls that a cell may make: those of the trampoline, with exactly the arguments that it uses. Everything
// else, also calls by the 32-bit and x32 entries, raises SIGSYS, upon which the trampoline reports the call and ends
// the process.
#ifndef CURFEW_CELL_PROCESS_SECCOMP_FILTER_H
#define CURFEW_CELL_PROCESS_SECCOMP_FILTER_H

#include <asm/prctl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <linux/time.h>
#include <sys/syscall.h>

#include "cell/process/launch.h"
#include "wire/mailbox.h"

namespace curfew::cell {

class SeccompFilter {
  public:
    static constexpr unsigned kCapacity = 192;

    // Writes the program to `out`, which has room for kCapacity instructions.
    SeccompFilter(sock_filter* out, const Range* writable, unsigned writable_count) : out_(out) {
        load(offsetof(seccomp_data, arch));
        skip_unless_equal(AUDIT_ARCH_X86_64, 1);  // past the jump over the refusal
        skip(1);
        refuse();
        const uint64_t turn = wire::kMailboxBase + CURFEW_MAILBOX_TURN;
        call(SYS_futex, {{0, turn}, {1, FUTEX_WAIT}, {3, 0}});
        call(SYS_futex, {{0, turn}, {1, FUTEX_WAKE}, {2, 1}});
        const uint64_t clock = wire::kMailboxBase + CURFEW_MAILBOX_CLOCK;
        call(SYS_clock_gettime, {{0, CLOCK_REALTIME}, {1, clock}});
        call(SYS_clock_gettime, {{0, CLOCK_MONOTONIC}, {1, clock}});
        for (unsigned i = 0; i < writable_count; ++i) {
            call(SYS_madvise, {{0, writable[i].address}, {1, writable[i].length}, {2, 4 /* MADV_DONTNEED */}});
        }
        call(SYS_arch_prctl, {{0, ARCH_SET_FS}, {1, wire::kThreadArea}});
        call(SYS_arch_prctl, {{0, ARCH_SET_GS}, {1, 0}});
        call(SYS_exit_group, {Argument{0, 1}});
        refuse();
    }

    unsigned length() const { return length_; }

  private:
    struct Argument {
        unsigned index;
        uint64_t value;
    };

    void emit(uint16_t code, uint32_t k, uint8_t when_true = 0, uint8_t when_false = 0) {
        out_[length_++] = sock_filter{code, when_true, when_false, k};
    }
    void load(uint32_t offset) { emit(BPF_LD | BPF_W | BPF_ABS, offset); }
    void skip(uint32_t count) { emit(BPF_JMP | BPF_JA, count); }
    void skip_unless_equal(uint32_t value, uint8_t count) { emit(BPF_JMP | BPF_JEQ | BPF_K, value, 0, count); }
    void refuse() { emit(BPF_RET | BPF_K, SECCOMP_RET_TRAP); }

    // Allows one call if the first three arguments of `arguments` all match; goes on behind it otherwise.
    template <unsigned long count>
    void call(uint32_t number, const Argument (&arguments)[count]) {
        uint8_t rest = static_cast<uint8_t>(4 * count + 1);
        load(offsetof(seccomp_data, nr));
        skip_unless_equal(number, rest);
        for (const Argument& argument : arguments) {
            const auto offset = static_cast<uint32_t>(offsetof(seccomp_data, args) + 8 * argument.index);
            rest = static_cast<uint8_t>(rest - 2);
            load(offset);
            skip_unless_equal(static_cast<uint32_t>(argument.value), rest);
            rest = static_cast<uint8_t>(rest - 2);
            load(offset + 4);
            skip_unless_equal(static_cast<uint32_t>(argument.value >> 32), rest);
        }
        emit(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    }

    sock_filter* out_;
    unsigned length_ = 0;
};

}  // namespace curfew::cell

#endif
