// `require(name)`: loads and evaluates a module at once, and returns its namespace.
//
// It waits until a top-level await of the module has settled; until then other jobs that are due run as well. In a
// cycle of modules it returns what the module has exported so far, as require does elsewhere.
#ifndef CURFEW_GUEST_RUNTIME_REQUIRE_H
#define CURFEW_GUEST_RUNTIME_REQUIRE_H

#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

inline constexpr char kRequire[] = "require";

// The function; an exception when memory runs out.
JSValue make_require(JSContext* context);

}  // namespace curfew::guest

#endif
