// The host's requests, and what the scripts ask of it meanwhile.
#ifndef CURFEW_GUEST_NODE_REQUESTS_H
#define CURFEW_GUEST_NODE_REQUESTS_H

#include "guest/node/engine.h"

namespace curfew::guest {

// In a cell: answers the host's messages, one after the other, for good. REQUIRES: the host has just given the first one.
[[noreturn]] void serve(Engine& engine);

}  // namespace curfew::guest

#endif
