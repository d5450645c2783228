// setTimeout, setInterval, setImmediate and what clears them. Timers belong to one invocation: they run while it waits for
// a promise, and are dropped when it is over.
//
// A timer runs no sooner than its delay after it was set. Timers that were set in one turn (the time from the
// invocation's start or a timer's callback to the end of its jobs) run in the order of their delays, however
// long the turn took; of equal ones, the first that was set runs first.
//
// Immediates run before any timer that is not due yet. Those that an immediate sets run after the timers that are due by then.
#ifndef CURFEW_GUEST_RUNTIME_TIMERS_H
#define CURFEW_GUEST_RUNTIME_TIMERS_H

#include <stdint.h>

#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

// Defines the global functions. False when memory runs out.
[[nodiscard]] bool install_timers(JSContext* context, JSValueConst global);

// setTimeout for native code: a function, and a number.
JSValue set_timeout(JSContext* context, int count, JSValueConst* arguments);

// Runs the next immediate; or waits until the next timer is due, which takes no CPU time, and runs its callback. What that
// throws is printed. False when there is neither.
bool run_next_timer(JSContext* context);

// When the next timer is due, by the monotonic clock; kNoTime if there is none, 0 if an immediate waits.
uint64_t next_timer_time();
inline constexpr uint64_t kNoTime = ~uint64_t{0};

// A turn begins by something else than a timer.
void begin_turn();

// Forgets all timers and immediates. False when there were none.
bool drop_timers(JSContext* context);

}  // namespace curfew::guest

#endif
