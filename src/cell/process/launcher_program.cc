#include "cell/process/launcher_program.h"

// All of it is compiled in here; nothing is linked.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "embedded/curfew_launcher_program.h"

namespace curfew::cell {

std::span<const std::byte> launcher_program() noexcept { return embedded::curfew_launcher_program(); }

std::uint64_t launcher_checksum() noexcept {
    const auto program = launcher_program();
    return XXH3_64bits(program.data(), program.size());
}

}  // namespace curfew::cell
