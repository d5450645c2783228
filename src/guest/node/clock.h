// The clocks. The monotonic one goes on from where it stood at the freeze, since the engine has times of then in its memory,
// and the machine may have been started anew since. So nobody learns how long the machine has been running either.
#ifndef CURFEW_GUEST_NODE_CLOCK_H
#define CURFEW_GUEST_NODE_CLOCK_H

#include <stdint.h>
#include <time.h>

namespace curfew::guest {

uint64_t monotonic_time();  // nanoseconds
uint64_t realtime();        // nanoseconds since 1970

// Before the freeze.
void freeze_clock();

// In a cell that starts, or starts again from a snapshot: time goes on from what was read last.
void restart_clock();

// clock_gettime(), in a cell.
long read_clock(clockid_t clock, timespec* time);

// Passes the time, without end if there is nothing to wait for.
void sleep_until(uint64_t monotonic);

uint64_t nanoseconds_of(const timespec& time);

}  // namespace curfew::guest

#endif
