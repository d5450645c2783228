// What cells are made of, for each engine.
#ifndef CURFEW_ENGINE_IMAGE_H
#define CURFEW_ENGINE_IMAGE_H

#include <memory>

#include <curfew/engine.h>
#include <curfew/error.h>

#include "cell/guest_image.h"

namespace curfew::engine {

// The engine's image, as all cells of this process have it; made when it is first asked for. Thread-safe, also while other
// threads fork. Fails if this build has no such engine, and with `unavailable` where the image cannot be made.
Result<std::shared_ptr<const cell::GuestImage>> image(Engine engine);

}  // namespace curfew::engine

#endif
