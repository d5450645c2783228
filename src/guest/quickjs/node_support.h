// What the library's scripts that stand for parts of Node.js get from native code, besides what all scripts get (library_support.h).
#ifndef CURFEW_GUEST_RUNTIME_NODE_SUPPORT_H
#define CURFEW_GUEST_RUNTIME_NODE_SUPPORT_H

#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

// Adds it to the object `native`. False when memory runs out.
[[nodiscard]] bool add_node_support(JSContext* context, JSValueConst support);

// Gives the places in a stack that Error.prepareStackTrace gets the functions that V8's have besides, and defines `global`, as Node.js
// does. False when memory runs out.
[[nodiscard]] bool install_node_globals(JSContext* context, JSValueConst global);

}  // namespace curfew::guest

#endif
