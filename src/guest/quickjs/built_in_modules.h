// The modules that the guest has itself, such as `crypto`. A host module of the same name takes their place.
#ifndef CURFEW_GUEST_RUNTIME_BUILT_IN_MODULES_H
#define CURFEW_GUEST_RUNTIME_BUILT_IN_MODULES_H

#include "guest/platform/exchange.h"
#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

bool is_built_in_module(Bytes name);

// Makes the module. REQUIRES: is_built_in_module(name), and name is followed by a zero byte. Null when that throws.
JSModuleDef* make_built_in_module(JSContext* context, Bytes name);

// The names of those that are Node.js's, as an array. An exception when memory runs out.
JSValue built_in_module_names(JSContext* context);

}  // namespace curfew::guest

#endif
