#include <curfew/version.h>

namespace curfew {

std::string_view version() noexcept { return CURFEW_VERSION; }

}  // namespace curfew
