// What cells are made of, for each engine.
#ifndef CURFEW_ENGINE_IMAGE_H
#define CURFEW_ENGINE_IMAGE_H

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <curfew/engine.h>
#include <curfew/error.h>

#include "cell/guest_image.h"

namespace curfew::engine {

// How this process came by an image that is not part of the library.
struct ImageNews {
    bool was_made = false;  // it was in no cache
    std::chrono::nanoseconds time{};
    std::string path;     // of its file in the cache; empty: it is in this process only
    std::string warning;  // a sentence without its full stop; empty if all is well
};

struct ImageListener {
    std::function<void()> on_making{};                 // before it is made, which takes about a second
    std::function<void(const ImageNews&)> on_ready{};  // once in a process for each engine, when it is there
};

// The engine's image, as all cells of this process have it; made when it is first asked for. Thread-safe, also while other
// threads fork. Fails if this build has no such engine, and with `unavailable` where the image cannot be made.
Result<std::shared_ptr<const cell::GuestImage>> image(Engine engine, const ImageListener& listener = {});

}  // namespace curfew::engine

#endif
