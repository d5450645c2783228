// The globals that the guest adds to the engine's.
#ifndef CURFEW_GUEST_RUNTIME_GLOBALS_H
#define CURFEW_GUEST_RUNTIME_GLOBALS_H

#include "guest/platform/random.h"
#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

// The guest's random state: for Math.random, and for all that needs randomness later.
extern Random random_state;

// False when memory runs out.
[[nodiscard]] bool install_globals(JSContext* context);

// What was installed, whatever a script has put in its place since.
JSValue built_in_crypto(JSContext* context);

}  // namespace curfew::guest

#endif
