// Giving the turn to the host while there is nothing to do, and what it takes to go on after that: the guest may have been
// saved meanwhile, and go on in another cell.
#ifndef CURFEW_GUEST_RUNTIME_WAITS_H
#define CURFEW_GUEST_RUNTIME_WAITS_H

#include <stdint.h>

#include "guest/platform/exchange.h"

namespace curfew::guest {

// Takes the new seed, if the host's message brings one.
void take_seed();

// Sends `wait`. Comes back with the host's answer in the mailbox.
void wait_for_host(uint32_t flags, uint32_t microseconds);

// What to wait from `now` until a time of the monotonic clock; the longest wait there is, if that is further away.
uint32_t microseconds_until(uint64_t time, uint64_t now);

}  // namespace curfew::guest

#endif
