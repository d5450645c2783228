// The code that the kernel gives every process. libc calls it by pointers, and a cell has no such code: in the image it is a copy whose
// functions make system calls.
#ifndef CURFEW_GUEST_NODE_VDSO_H
#define CURFEW_GUEST_NODE_VDSO_H

#include <stddef.h>

namespace curfew::guest {

// Changes a copy of it. REQUIRES: all of it, as it lies in memory.
void make_system_calls(unsigned char* vdso, size_t size);

}  // namespace curfew::guest

#endif
