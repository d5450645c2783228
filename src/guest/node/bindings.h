// What the scripts in js/ call; js/README.md is the contract.
#ifndef CURFEW_GUEST_NODE_BINDINGS_H
#define CURFEW_GUEST_NODE_BINDINGS_H

#include <v8.h>

#include "guest/node/engine.h"

namespace curfew::guest {

// The object that main.js finds. REQUIRES: there is one engine in the process.
v8::Local<v8::Object> make_bindings(Engine& engine);

}  // namespace curfew::guest

#endif
