// The kernel, as long as there is one: the guest begins as an ordinary process, and goes on in cells, where no system call
// gets anywhere.
#ifndef CURFEW_GUEST_NODE_SYSTEM_H
#define CURFEW_GUEST_NODE_SYSTEM_H

#include <errno.h>

#include "guest/node/x86_64/kernel_call.h"

// A function that takes the place of libc's, for the program and all its libraries.
#define CURFEW_INTERPOSED extern "C" __attribute__((visibility("default")))

namespace curfew::guest {

// False in the process that is frozen, true in the cells that go on with what it was.
bool in_cell();
void become_cell();

template <typename T>
long word(T* pointer) {
    return reinterpret_cast<long>(pointer);
}

// What libc's functions return for the result of a system call.
inline long with_errno(long result) {
    if (result >= 0 || result < -4095) return result;
    errno = static_cast<int>(-result);
    return -1;
}

// Ends the process before the freeze with a message, and the cell with it afterwards.
[[noreturn]] __attribute__((format(printf, 1, 2))) void give_up(const char* format, ...);

// The function of libc that one of ours hides.
void* hidden_function(const char* name, const char* version);

}  // namespace curfew::guest

#endif
