#include "engine/node/guest_library.h"

#include "embedded/curfew_node_guest.h"

namespace curfew::engine {

std::span<const std::byte> guest_library() noexcept { return embedded::curfew_node_guest(); }

}  // namespace curfew::engine
