// In place of the freezer and of what it puts into Node.js, in builds without that engine.
#include "base/error.h"
#include "engine/node/freezer.h"
#include "engine/node/guest_library.h"

namespace curfew::engine {

std::span<const std::byte> guest_library() noexcept { return {}; }

// Not reached: who asks for an engine that is not there is refused before.
Result<void> freeze(const FreezeRequest& /*request*/) {
    return base::fail(ErrorCode::internal, "this build of Curfew has nothing to put into Node.js");
}

}  // namespace curfew::engine
