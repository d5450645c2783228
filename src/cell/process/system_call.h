// Raw system calls for the launcher, which has no C library.
#ifndef CURFEW_CELL_PROCESS_SYSTEM_CALL_H
#define CURFEW_CELL_PROCESS_SYSTEM_CALL_H

#include <stdint.h>

namespace curfew::cell {

// Returns the kernel's answer: a negative errno on failure.
inline long system_call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

template <typename T>
long address_of(T* pointer) {
    return static_cast<long>(reinterpret_cast<intptr_t>(pointer));
}

}  // namespace curfew::cell

#endif
