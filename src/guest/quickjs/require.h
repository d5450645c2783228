// `require(name)`: loads and evaluates a module at once, and returns what a CommonJS module has exported, a JSON file's value, or the
// namespace of an ES module; of that its export "module.exports", if it has one.
//
// It waits until a top-level await of the module has settled; until then other jobs that are due run as well. In a
// cycle of modules it returns what the module has exported so far, as require does elsewhere.
#ifndef CURFEW_GUEST_RUNTIME_REQUIRE_H
#define CURFEW_GUEST_RUNTIME_REQUIRE_H

#include "guest/platform/exchange.h"
#include "guest/quickjs/engine/engine.h"
#include "guest/quickjs/value.h"

namespace curfew::guest {

inline constexpr char kRequire[] = "require";

// The function that is a global, for whatever script calls it; an exception when memory runs out.
JSValue make_require(JSContext* context);

// `require` and `require.resolve` of a module whose name is the function's one datum.
JSValue require_from(JSContext* context, JSValueConst self, int count, JSValueConst* arguments, int magic,
                     JSValueConst* data);
JSValue resolve_from(JSContext* context, JSValueConst self, int count, JSValueConst* arguments, int magic,
                     JSValueConst* data);

// The name and the text of the file that a module requires. False, with an exception, for what is no file of code.
[[nodiscard]] bool read_required(JSContext* context, const char* importer, const char* specifier, Value& name,
                                 Body& source);

}  // namespace curfew::guest

#endif
