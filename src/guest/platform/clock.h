// The clocks that a guest has, both asked of the kernel by hypercall.
#ifndef CURFEW_GUEST_PLATFORM_CLOCK_H
#define CURFEW_GUEST_PLATFORM_CLOCK_H

#include <stdint.h>

#include "guest/platform/hypercall.h"

namespace curfew::guest {

inline constexpr uint64_t kNanosecondsPerMillisecond = 1'000'000;
inline constexpr uint64_t kNanosecondsPerSecond = 1'000'000'000;

// Nanoseconds since 1970.
inline uint64_t realtime_now() { return hypercall(CURFEW_HYPERCALL_REALTIME); }

// From the cell's monotonic clock to the guest's.
inline uint64_t monotonic_shift;

// Nanoseconds since some time before the guest began. Never goes back, but for a guest that starts from a
// snapshot, which may find itself on another machine.
inline uint64_t monotonic_now() { return hypercall(CURFEW_HYPERCALL_MONOTONIC) + monotonic_shift; }

// For a guest that starts from a snapshot in the middle of a wait: lets the monotonic clock show this now.
inline void set_monotonic_clock(uint64_t time) { monotonic_shift = time - hypercall(CURFEW_HYPERCALL_MONOTONIC); }

}  // namespace curfew::guest

#endif
