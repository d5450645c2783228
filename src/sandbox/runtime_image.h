// The engines' images, and the states of its memory right after it has started its runtime.
#ifndef CURFEW_SANDBOX_RUNTIME_IMAGE_H
#define CURFEW_SANDBOX_RUNTIME_IMAGE_H

#include <memory>

#include <curfew/engine.h>
#include <curfew/error.h>

#include "cell/memory_image.h"

namespace curfew::sandbox {

// The state in which a runtime without handlers waits for its first request. Starting a runtime costs about a
// millisecond, so the state is saved when it is first asked for, and kept for a few different engines and sizes. Thread-safe. Fails
// with `invalid_argument` if the heap is too small for the runtime, with `unavailable` where cells cannot be made.
Result<std::shared_ptr<const cell::MemoryImage>> started_runtime(Engine engine, cell::MemorySizes sizes);

// The engine's image itself, as all cells of this process have it. Thread-safe. Fails with `invalid_argument` if this build
// has no such engine.
Result<std::shared_ptr<const cell::GuestImage>> guest_program(Engine engine);

}  // namespace curfew::sandbox

#endif
