// What the test guest can be told to do: the `value` of the message that it gets.
#ifndef CURFEW_CELL_TESTING_TEST_GUEST_H
#define CURFEW_CELL_TESTING_TEST_GUEST_H

#include <stdint.h>

namespace curfew::cell::testing {

enum class Order : uint32_t {
    count,            // counts its calls; answers the count in name_length
    echo,             // answers the window's first `length` bytes, each plus one
    spin,             // forever
    read,             // reads the byte at address `length`
    write,            // writes the byte at address `length`
    run_data,         // jumps into its data
    system_call,      // makes system call `length` by the 64-bit entry, with zero arguments
    system_call_32,   // by the 32-bit entry
    futex_elsewhere,  // an allowed call with a forbidden argument
    wipe_trampoline,  // madvise of the trampoline's page
    write_signal_mask,  // blocks all signals, by rt_sigprocmask
    divide_by_zero,
    illegal_instruction,
    breakpoint,
    read_time_stamp,
    vsyscall,
    garbage_turn_spin,   // overwrites the turn with garbage and goes on
    garbage_turn_die,    // the same, and faults
    forge_halt,          // pretends to have been interrupted, and goes on
    forge_turn_spin,     // gives the host the turn without parking, and goes on
    scribble_mailbox,    // fills the whole mailbox with 0xff, but for the turn, and calls out
    dirty,               // writes one byte in each of `length` heap pages
    sum,                 // adds up these bytes; answers in name_length
    set_registers,       // leaves marks in vector, x87 control, MXCSR, segment and flags registers
    get_registers,       // answers in name_length how many of these marks are there
    clock,               // answers the monotonic clock in name_length
};

}  // namespace curfew::cell::testing

#endif
