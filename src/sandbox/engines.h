// The images of the engines, as they lie in the library.
#ifndef CURFEW_SANDBOX_ENGINES_H
#define CURFEW_SANDBOX_ENGINES_H

#include <cstddef>
#include <span>

#include <curfew/engine.h>

namespace curfew::sandbox {

// The ELF file; empty if this build has no such engine.
std::span<const std::byte> image_of(Engine engine) noexcept;

}  // namespace curfew::sandbox

#endif
