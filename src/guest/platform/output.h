// What the guest prints.
#ifndef CURFEW_GUEST_PLATFORM_OUTPUT_H
#define CURFEW_GUEST_PLATFORM_OUTPUT_H

#include "guest/platform/exchange.h"

namespace curfew::guest {

// Passes text to the host, which has it when this returns. Overwrites the mailbox's message and window.
void print(wire::PrintLevel level, Bytes text);

}  // namespace curfew::guest

#endif
