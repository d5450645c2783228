#include "guest/platform/output.h"

namespace curfew::guest {

void print(wire::PrintLevel level, Bytes text) {
    // A host that has no room for the text has said so to its user; the guest has nothing to add.
    if (stage({.kind = wire::MessageKind::print, .value = static_cast<uint32_t>(level), .payload = text})) {
        exchange();
    }
}

}  // namespace curfew::guest
