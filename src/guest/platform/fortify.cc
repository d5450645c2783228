// What libraries call that were compiled with the checks of Debian's packages: copies that know how large their target
// is, and the end of a function that found its stack overwritten. The value that the stack is checked against lies in
// the thread area.
#include <string.h>

#include "guest/platform/exchange.h"

using curfew::guest::abort_guest;

extern "C" {

[[noreturn]] void __stack_chk_fail() { abort_guest("a function of the guest overwrote its stack"); }

void* __memcpy_chk(void* to, const void* from, size_t size, size_t room) {
    if (size > room) abort_guest("a function of the guest copied beyond its target");
    return memcpy(to, from, size);
}
}
