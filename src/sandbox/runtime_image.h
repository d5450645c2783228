// The states of the engines' memory right after they have started their runtimes.
#ifndef CURFEW_SANDBOX_RUNTIME_IMAGE_H
#define CURFEW_SANDBOX_RUNTIME_IMAGE_H

#include <memory>

#include <curfew/engine.h>
#include <curfew/error.h>

#include "cell/memory_image.h"
#include "engine/image.h"

namespace curfew::sandbox {

// The state in which a runtime without handlers waits for its first request. Starting a runtime costs about a
// millisecond, so the state is saved when it is first asked for, and kept for a few different engines and sizes. Thread-safe. Fails
// with `invalid_argument` if the heap is too small for the runtime, with `unavailable` where cells cannot be made, and as
// engine::image().
Result<std::shared_ptr<const cell::MemoryImage>> started_runtime(engine::ImageKind kind, cell::MemorySizes sizes);

}  // namespace curfew::sandbox

#endif
