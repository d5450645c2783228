// The image of Node.js that cells are made of.
#ifndef CURFEW_ENGINE_NODE_IMAGE_H
#define CURFEW_ENGINE_NODE_IMAGE_H

#include <functional>
#include <memory>
#include <string>

#include <curfew/error.h>

#include "cell/guest_image.h"
#include "engine/node/image_cache.h"
#include "engine/node/package.h"

namespace curfew::engine {

struct NodeImage {
    std::shared_ptr<const cell::GuestImage> image;
    std::string path;       // where it is kept; empty: in this process only
    bool was_made = false;  // by this call
    std::string warning{};  // as of ReadyImage
};

// Of the package that find_package() finds, with V8's compiler or without: from the cache, or made by `freeze` if there is none that fits. Fails with
// `unavailable` if there is no package, and as ready_image().
Result<NodeImage> node_image(const Freeze& freeze, bool jitless, const std::function<void()>& on_making = {});

// The image's file in the cache that cells would be made of now; nothing if it has to be made.
std::optional<ImageFile> find_node_image(const NodePackage& package, bool jitless);

}  // namespace curfew::engine

#endif
