// Makes the kernel's account of another process's CPU time exact.
#ifndef CURFEW_BASE_PROCESS_CLOCK_H
#define CURFEW_BASE_PROCESS_CLOCK_H

#include <sys/types.h>

namespace curfew::base {

// Linux reads the clock of another process as its CPU last wrote it down, which is at the tick (every 4 ms, say) or when
// it stops running. It also writes it down when a thread's scheduling policy changes, so this changes the policy from
// SCHED_OTHER to SCHED_BATCH or the other way round, and back. Takes some microseconds. Does nothing for a thread with another
// policy, of another user, or that is gone. REQUIRES: the number is not reused meanwhile.
void write_down_cpu_time(pid_t thread) noexcept;

}  // namespace curfew::base

#endif
