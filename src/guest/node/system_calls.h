// What a cell answers to system calls. There are no files, no other processes and no other threads; most calls fail, each with the
// error that says so in its terms.
//
// Calls come from three sides: libc's functions that ours take the place of; libc's own code, and whatever else executes the
// instruction, which the cell's back end sends to enter_system_call(); and the copy of the vdso.
#ifndef CURFEW_GUEST_NODE_SYSTEM_CALLS_H
#define CURFEW_GUEST_NODE_SYSTEM_CALLS_H

namespace curfew::guest {

// In a cell the cell's answer, before the freeze the kernel's, but for event sources. A result, or an error's negative number.
long system_call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0);

// Where the instruction goes on in a cell; see wire::FrozenHeader::call_entry. No function to be called.
extern "C" void curfew_enter_system_call();

}  // namespace curfew::guest

#endif
