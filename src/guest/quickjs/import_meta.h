// import.meta: url, filename, dirname and resolve, as in Node.js.
#ifndef CURFEW_GUEST_RUNTIME_IMPORT_META_H
#define CURFEW_GUEST_RUNTIME_IMPORT_META_H

#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

// Gives a module, or a handler's script, what it says of itself. False when memory runs out.
[[nodiscard]] bool describe_module(JSContext* context, JSModuleDef* module, const char* name);

}  // namespace curfew::guest

#endif
