#include "guest/node/exhaustion.h"

#include "guest/node/system.h"
#include "guest/platform/exchange.h"

namespace curfew::guest {

void end_for_lack_of_memory() {
    if (!in_cell()) give_up("there is not enough memory for Node.js to start");
    if (!stage({.kind = wire::MessageKind::failed, .flags = wire::kOutOfMemory, .name = bytes_of("out of memory")})) {
        stage_empty(wire::MessageKind::failed, wire::kOutOfMemory);
    }
    exchange();
    accept_request();
    abort_guest("memory had run out in the middle of the engine's own work, which cannot go on");
}

}  // namespace curfew::guest
