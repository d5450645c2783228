// The library of ours that goes into Node.js, as it lies in this one.
#ifndef CURFEW_ENGINE_GUEST_LIBRARY_H
#define CURFEW_ENGINE_GUEST_LIBRARY_H

#include <cstddef>
#include <span>

namespace curfew::engine {

// Empty in a build without the engine node.
std::span<const std::byte> guest_library() noexcept;

}  // namespace curfew::engine

#endif
