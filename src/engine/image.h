// What cells are made of, for each engine.
#ifndef CURFEW_ENGINE_IMAGE_H
#define CURFEW_ENGINE_IMAGE_H

#include <chrono>
#include <compare>
#include <functional>
#include <memory>
#include <string>

#include <curfew/engine.h>
#include <curfew/error.h>

#include "cell/guest_image.h"

namespace curfew::engine {

// Which image: of an engine, and of Node.js with V8's compiler or without.
struct ImageKind {
    ImageKind(Engine which, bool without_compiler = false)  // NOLINT(google-explicit-constructor)
        : engine(which), jitless(without_compiler && which == Engine::node) {}

    Engine engine;
    bool jitless;  // of an engine that has no compiler, false

    friend auto operator<=>(const ImageKind&, const ImageKind&) = default;
};

// How this process came by an image that is not part of the library.
struct ImageNews {
    bool was_made = false;  // it was in no cache
    std::chrono::nanoseconds time{};
    std::string path;     // of its file in the cache; empty: it is in this process only
    std::string warning;  // a sentence without its full stop; empty if all is well
};

struct ImageListener {
    std::function<void()> on_making{};                 // before it is made, which takes about a second
    std::function<void(const ImageNews&)> on_ready{};  // once in a process for each kind, when it is there
};

// The image, as all cells of this process have it; made when it is first asked for. Thread-safe, also while other
// threads fork. Fails if this build has no such engine, and with `unavailable` where the image cannot be made.
Result<std::shared_ptr<const cell::GuestImage>> image(ImageKind kind, const ImageListener& listener = {});

}  // namespace curfew::engine

#endif
