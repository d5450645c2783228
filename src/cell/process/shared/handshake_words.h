// The back end's part of the mailbox: how host and cell hand over the turn, and what else the host and the trampoline say
// to each other. Also read by the assembler. The guest's own code touches none of it; a hostile guest may write any word of
// it at any time.
#ifndef CURFEW_CELL_PROCESS_SHARED_HANDSHAKE_WORDS_H
#define CURFEW_CELL_PROCESS_SHARED_HANDSHAKE_WORDS_H

#include "wire/mailbox.h"

#define CURFEW_HANDSHAKE (CURFEW_MAILBOX_BASE + CURFEW_MAILBOX_BACK_END)

// Byte offsets that the trampoline's assembly uses; checked against the structure below.
#define CURFEW_HANDSHAKE_TURN 0
#define CURFEW_HANDSHAKE_GUEST_SLEEPS 4
#define CURFEW_HANDSHAKE_HOST_SLEEPS 8
#define CURFEW_HANDSHAKE_GUEST_SPINS 12
#define CURFEW_HANDSHAKE_ACKNOWLEDGED 16
#define CURFEW_HANDSHAKE_COMMAND 24
#define CURFEW_HANDSHAKE_COPY_SOURCE 32
#define CURFEW_HANDSHAKE_COPY_LENGTH 40
#define CURFEW_HANDSHAKE_STACK_POINTER 48
#define CURFEW_HANDSHAKE_RESET_STEPS 56
#define CURFEW_HANDSHAKE_CLOCK 64
#define CURFEW_HANDSHAKE_FAULT 80
#define CURFEW_HANDSHAKE_RESET_PLAN 112
#define CURFEW_HANDSHAKE_PLAN 128

// No thread has such an id, of which the kernel allows 2^22: it would take the word for a mutex that a dying thread held.
#define CURFEW_TURN_HOST 0x20000001
#define CURFEW_TURN_HALTED 0x20000002
#define CURFEW_TURN_FAULTED 0x20000003
#define CURFEW_TURN_RESET 0x20000004

#define CURFEW_COMMAND_RUN 0
#define CURFEW_COMMAND_COPY 1
#define CURFEW_COMMAND_RESET 2
#define CURFEW_COMMAND_RESET_AND_RUN 3

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

namespace curfew::cell {

// A piece of a reset: `length` bytes at `to` are overwritten with those at `from`; or, if `from` is zero, its pages are
// dropped, so that the mapping's own content shows again.
struct ResetStep {
    uint64_t to;
    uint64_t from;
    uint64_t length;
};

// Why a guest stopped for good, written by the trampoline before it ends the process.
struct Fault {
    uint32_t signal;        // zero: the cell could not be set up; `system_call` is the LaunchStep, `code` the errno
    uint32_t code;          // si_code
    uint64_t address;       // si_addr, or the call's address for a forbidden system call
    uint64_t instruction;   // the instruction pointer
    uint32_t system_call;   // si_syscall
    uint32_t architecture;  // si_arch
};

struct HandshakeWords {
    // CURFEW_TURN_*, or zero before the cell has parked for the first time, or, while the guest runs, its thread's id with
    // the futex waiters bit.
    uint32_t turn;
    uint32_t guest_sleeps;  // the guest waits in the kernel: giving it the turn needs a wake-up
    uint32_t host_sleeps;   // likewise for the host
    uint32_t guest_spins;   // how often the guest looks at `turn` before it sleeps
    uint64_t acknowledged;  // the ticket of the last interrupt that took effect
    uint32_t command;       // CURFEW_COMMAND_*: what the trampoline does when it gets the turn
    uint32_t thread;        // the id of the cell's thread, as the cell knows it; written before the cell parks first
    uint64_t copy_source;
    uint64_t copy_length;
    uint64_t stack_pointer;  // of the parked guest; resuming starts from there
    uint64_t reset_steps;    // how many ResetSteps there are at `reset_plan`
    uint64_t clock[2];       // where the kernel puts a time: seconds, nanoseconds
    Fault fault;
    uint64_t reset_plan;  // the cell's address of the reset's steps: in `plan`, or in the window
    uint64_t pad1[1];

    // Of a reset that is done when the guest gets its next request, which is in the window then.
    ResetStep plan[122];
};

static_assert(offsetof(HandshakeWords, turn) == CURFEW_HANDSHAKE_TURN);
static_assert(offsetof(HandshakeWords, guest_sleeps) == CURFEW_HANDSHAKE_GUEST_SLEEPS);
static_assert(offsetof(HandshakeWords, host_sleeps) == CURFEW_HANDSHAKE_HOST_SLEEPS);
static_assert(offsetof(HandshakeWords, guest_spins) == CURFEW_HANDSHAKE_GUEST_SPINS);
static_assert(offsetof(HandshakeWords, acknowledged) == CURFEW_HANDSHAKE_ACKNOWLEDGED);
static_assert(offsetof(HandshakeWords, command) == CURFEW_HANDSHAKE_COMMAND);
static_assert(offsetof(HandshakeWords, copy_source) == CURFEW_HANDSHAKE_COPY_SOURCE);
static_assert(offsetof(HandshakeWords, copy_length) == CURFEW_HANDSHAKE_COPY_LENGTH);
static_assert(offsetof(HandshakeWords, stack_pointer) == CURFEW_HANDSHAKE_STACK_POINTER);
static_assert(offsetof(HandshakeWords, reset_steps) == CURFEW_HANDSHAKE_RESET_STEPS);
static_assert(offsetof(HandshakeWords, clock) == CURFEW_HANDSHAKE_CLOCK);
static_assert(offsetof(HandshakeWords, fault) == CURFEW_HANDSHAKE_FAULT);
static_assert(offsetof(HandshakeWords, reset_plan) == CURFEW_HANDSHAKE_RESET_PLAN);
static_assert(offsetof(HandshakeWords, plan) == CURFEW_HANDSHAKE_PLAN);
static_assert(sizeof(HandshakeWords) <= sizeof(wire::Mailbox::back_end));

inline HandshakeWords& handshake_words(wire::Mailbox& mailbox) {
    return *reinterpret_cast<HandshakeWords*>(mailbox.back_end);
}

}  // namespace curfew::cell

#endif
#endif
