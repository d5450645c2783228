// The clocks. The monotonic one begins with the process, and goes on in cells from where it stood at the freeze, since the engine has times
// of then in its memory. Nobody learns from it how long the machine has been running.
#ifndef CURFEW_GUEST_NODE_CLOCK_H
#define CURFEW_GUEST_NODE_CLOCK_H

#include <stdint.h>
#include <time.h>

namespace curfew::guest {

uint64_t monotonic_time();  // nanoseconds
uint64_t realtime();        // nanoseconds since 1970

// Before the freeze.
void freeze_clock();

// In a cell that starts, or starts again from a snapshot: time goes on from what was read last, and has `passed` since.
void restart_clock(uint64_t passed = 0);

// clock_gettime(). Clocks of CPU time show the monotonic time.
long read_clock(clockid_t clock, timespec* time);

// Passes the time, without end if there is nothing to wait for.
void sleep_until(uint64_t monotonic);

// Sends `wait`, and comes back with the host's answer in the mailbox: perhaps in another cell, under another request's number,
// with another seed and clock. Then take_reseed() is true, once: the engine has to forget what it drew before.
void wait_for_host(uint32_t flags, uint32_t microseconds);
bool take_reseed();

// What to wait from `now` until a time of monotonic_time(); the longest wait there is, if that is further away.
uint32_t microseconds_until(uint64_t time, uint64_t now);

uint64_t nanoseconds_of(const timespec& time);

}  // namespace curfew::guest

#endif
