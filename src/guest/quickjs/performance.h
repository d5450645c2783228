// performance: a clock for measuring, in milliseconds since the guest began, by steps of an eighth of one.
//
// It never goes back, whatever snapshots the guest went through: in a guest that starts from one, the clock
// goes on from where the snapshot's stood when it was last read.
#ifndef CURFEW_GUEST_RUNTIME_PERFORMANCE_H
#define CURFEW_GUEST_RUNTIME_PERFORMANCE_H

#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

// Replaces the engine's, whose time would be the saved state's. False when memory runs out.
[[nodiscard]] bool install_performance(JSContext* context, JSValueConst global);

// What performance.now() gives.
double performance_now();

// To be called when the guest starts, or starts again from a snapshot.
void restart_performance_clock();

}  // namespace curfew::guest

#endif
