#include "guest/node/x86_64/kernel_call.h"

#include <string.h>

namespace curfew::guest {

long kernel_call(long number, long a, long b, long c, long d, long e, long f) {
    register long fourth __asm__("r10") = d;
    register long fifth __asm__("r8") = e;
    register long sixth __asm__("r9") = f;
    long result = 0;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
                     : "rcx", "r11", "memory");
    return result;
}

// mov $number, %eax; syscall; ret
void write_kernel_call(unsigned char* to, uint32_t number) {
    *to++ = 0xb8;
    memcpy(to, &number, sizeof(number));
    to += sizeof(number);
    constexpr unsigned char kCallAndReturn[] = {0x0f, 0x05, 0xc3};
    memcpy(to, kCallAndReturn, sizeof(kCallAndReturn));
}

}  // namespace curfew::guest
