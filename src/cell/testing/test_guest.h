// What the test guest can be told to do: the `value` of the message that it gets.
#ifndef CURFEW_CELL_TESTING_TEST_GUEST_H
#define CURFEW_CELL_TESTING_TEST_GUEST_H

#include <stddef.h>
#include <stdint.h>

namespace curfew::cell::testing {

enum class Order : uint32_t {
    count,              // counts its calls; answers the count in name_length
    echo,               // answers the window's first `length` bytes, each plus one
    spin,               // forever
    read,               // reads the byte at address `length`
    write,              // writes the byte at address `length`
    run_data,           // jumps into its data
    system_call,        // makes system call `length` by the 64-bit entry, with zero arguments
    system_call_32,     // by the 32-bit entry
    futex_elsewhere,    // an allowed call with a forbidden argument
    write_signal_mask,  // blocks all signals, by rt_sigprocmask
    divide_by_zero,
    illegal_instruction,
    breakpoint,
    read_time_stamp,
    vsyscall,
    scribble_mailbox,  // fills the whole mailbox with 0xff, but for the turn, and calls out
    dirty,             // writes one byte in each of `length` heap pages
    sum,               // adds up these bytes; answers in name_length
    set_registers,     // leaves marks in vector, x87 control, MXCSR, segment and flags registers
    get_registers,     // answers in name_length how many of these marks are there
    clock,             // answers in name_length what the hypercall `length` says, one of those for the time

    // Of native code that has been taken over; see hostile_orders.cc.
    read_byte,          // as `read`, and answers it in name_length
    system_call_with,   // makes the SystemCall in the window by the 64-bit entry; answers the result in name_length
    jump,               // goes to address `length` with the Registers in the window
    fill,               // overwrites the ByteRange in the window with 0xff
    fill_stack,         // overwrites the unused stack with 0xff
    seize_registers,    // leaves marks in every register there is, and spins; `length`: Features
    initial_registers,  // answers the InitialRegisters, as of the guest's first instruction, in the window; `length`:
                        // Features
    spin_in_32_bit_code,
    system_call_in_32_bit_code,  // number `length`, by int 0x80
    sysenter_in_32_bit_code,     // number `length`
    send_bodies,         // sends kBodies messages of the kind `flags`, each with a body as long as the heap, which
                         // it never writes; goes on after whatever it is answered
    answer_earlier,      // answers as if it were the request before
    leave,               // ends the process by an allowed call, without a trace
    refused_call_entry,  // answers in name_length where calls go on that a cell of a frozen image may not make: there they
                         // get for a result their number and kRefused

    // Against the process back end; see process/testing/handshake_orders.cc.
    wipe_trampoline,      // madvise of the trampoline's page
    garbage_turn_spin,    // overwrites the turn with garbage and goes on
    garbage_turn_die,     // the same, and faults
    forge_halt,           // pretends to have been interrupted, and goes on
    forge_turn_spin,      // gives the host the turn without parking, and goes on
    run_on_signal_stack,  // spins with its stack pointer `length` bytes above the signal stack's base
    park,                 // forges a turn of `length`, wakes the host, and spins without parking
    hammer,               // the same, but keeps writing the Hammer in the window
    scramble,             // writes random words to random places of the mailbox's first page for ever
    burn_until_asked,     // gives the host the turn, computes, and goes to sleep when it sees the next request
    burn_with_the_turn,   // the same with `length` in the turn while it computes, once the host has said kSeen
    burn_for_a_while,     // the same, but goes to sleep after some 100 ms
    leave_later,          // burns CPU for some milliseconds, overwrites the turn with `length`, and leaves
};

inline constexpr unsigned kBodies = 10;
inline constexpr uint64_t kRefused = 100'000;
inline constexpr uint64_t kSeen = 0x5ee0;  // in Mailbox::pad: the host has seen the turn that it was given

struct ByteRange {
    uint64_t address;
    uint64_t length;
};

struct SystemCall {
    uint64_t number;
    uint64_t arguments[6];
};

struct Registers {
    uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15, rsp;
};

struct Hammer {
    uint32_t turn;    // to forge; 0: none
    uint32_t offset;  // of a word in the mailbox
    uint32_t value;
};

enum Features : uint64_t { kFsgsbase = 1, kAvx512 = 2, kProtectionKeys = 4 };

// What seize_registers puts into general registers and base addresses.
inline constexpr uint64_t kMark = 0x00000bad00000bad;

struct InitialRegisters {
    Registers general;
    uint64_t flags;
    uint64_t data_segments[4];  // ds, es, fs, gs
    uint64_t fs_base, gs_base;  // with kFsgsbase
    uint64_t pad[9];
    alignas(64) unsigned char extended[12288];  // the XSAVE area
};
static_assert(offsetof(InitialRegisters, extended) == 256);

}  // namespace curfew::cell::testing

#endif
