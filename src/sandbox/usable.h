// Whether a sandbox can be used, here and now.
#ifndef CURFEW_SANDBOX_USABLE_H
#define CURFEW_SANDBOX_USABLE_H

#include <curfew/error.h>

namespace curfew::sandbox {

class Core;

// `what`: the name of the object's class, whose core this is; null if it was consumed or moved from.
Result<void> check_usable(const Core* core, const char* what);

// The same, and no invocation of it waits.
Result<void> check_idle(Core* core, const char* what);

// The same, but it may be in the middle of an invocation that was saved.
Result<void> check_not_pending(Core* core, const char* what);

}  // namespace curfew::sandbox

#endif
