// The instruction that asks the kernel.
#ifndef CURFEW_GUEST_NODE_X86_64_KERNEL_CALL_H
#define CURFEW_GUEST_NODE_X86_64_KERNEL_CALL_H

#include <stddef.h>
#include <stdint.h>

namespace curfew::guest {

// A system call of the kernel's. Its result, or an error's negative number. REQUIRES: not in a cell.
long kernel_call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0);

// Writes a function that makes a system call, with the arguments that it gets, and returns what the kernel says.
inline constexpr size_t kKernelCallSize = 8;
void write_kernel_call(unsigned char* to, uint32_t number);

}  // namespace curfew::guest

#endif
