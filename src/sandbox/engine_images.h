// The engines' images as sandboxes use them: observers hear of those that were made ready.
#ifndef CURFEW_SANDBOX_ENGINE_IMAGES_H
#define CURFEW_SANDBOX_ENGINE_IMAGES_H

#include <memory>

#include <curfew/engine.h>
#include <curfew/error.h>

#include "engine/image.h"

namespace curfew::sandbox {

// As engine::image(). The process's observers are told, on this thread, before the listener is.
Result<std::shared_ptr<const cell::GuestImage>> image_of(engine::ImageKind kind,
                                                         const engine::ImageListener& listener = {});

}  // namespace curfew::sandbox

#endif
