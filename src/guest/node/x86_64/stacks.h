// What stands on the stack of code that is to go on later: all that a function has to preserve.
#ifndef CURFEW_GUEST_NODE_X86_64_STACKS_H
#define CURFEW_GUEST_NODE_X86_64_STACKS_H

#include <stdint.h>

namespace curfew::guest {

inline constexpr int kSavedRegisters = 6;  // words, below the address at which it goes on

// Saves the caller's, and goes on where `to` was saved.
void switch_stacks(void** save, void* to);

// Saves the caller's, and calls `write` with where that is, which must not return.
void save_registers(int image, void (*write)(int image, uint64_t stack_pointer));

// Where a cell begins, with that stack pointer: as a return from save_registers(). Not to be called.
void return_from_saving();

}  // namespace curfew::guest

#endif
