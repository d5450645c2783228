// The smallest guest there is: it does nothing with a call but to come back from it.
#include "wire/mailbox.h"

extern "C" void run() {
    for (;;) reinterpret_cast<curfew::wire::Hypercall>(curfew::wire::kHypercallEntry)(CURFEW_HYPERCALL_EXCHANGE);
}

extern "C" __attribute__((naked, noreturn, section(".text.start"))) void _start() { __asm__("call run"); }
