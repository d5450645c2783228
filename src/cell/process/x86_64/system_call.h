// Raw system calls, for the launcher, which has no C library, and for what has to do without the host's.
#ifndef CURFEW_CELL_PROCESS_X86_64_SYSTEM_CALL_H
#define CURFEW_CELL_PROCESS_X86_64_SYSTEM_CALL_H

#include <stdint.h>

namespace curfew::cell {

// Returns the kernel's answer: a negative errno on failure.
inline long system_call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long result = 0;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

// clone(2) of a child that calls `run` on a stack of its own, which must not return. Unlike the C library's clone() it
// touches neither errno nor anything that a sanitizer put around that function. `flags` must have CLONE_VFORK.
inline long start_child(uint64_t flags, unsigned char* stack_top, void (*run)(void*), void* argument, int* pidfd) {
    register long child_tid __asm__("r10") = 0;
    register long thread_area __asm__("r8") = 0;
    register void (*entry)(void*) __asm__("r12") = run;
    register void* passed __asm__("r13") = argument;
    long result = 0;
    __asm__ volatile(
        "syscall\n"
        "test %%rax, %%rax\n"
        "jnz 1f\n"            // the parent goes on
        "xor %%ebp, %%ebp\n"  // the end of the chain of frames
        "mov %%r13, %%rdi\n"
        "call *%%r12\n"
        "ud2\n"
        "1:\n"
        : "=a"(result)
        : "a"(56 /* clone */), "D"(flags), "S"(stack_top), "d"(pidfd), "r"(child_tid), "r"(thread_area), "r"(entry),
          "r"(passed)
        : "rcx", "r11", "memory");
    return result;
}

template <typename T>
long address_of(T* pointer) {
    return static_cast<long>(reinterpret_cast<intptr_t>(pointer));
}

}  // namespace curfew::cell

#endif
