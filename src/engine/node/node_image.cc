#include "engine/node/node_image.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "engine/node/guest_library.h"
#include "engine/node/image_key.h"

namespace curfew::engine {

namespace {

std::string key_of(const NodePackage& package, bool jitless) {
    return image_key(guest_library(), package.identity, jitless);
}

// What an image without a compiler promises.
bool keeps_to_written_or_executed(const cell::GuestImage& image) {
    return std::ranges::none_of(image.segments(),
                                [](const cell::Segment& segment) { return segment.writable && segment.executable; });
}

}  // namespace

Result<NodeImage> node_image(const Freeze& freeze, bool jitless, const std::function<void()>& on_making) {
    const auto package = find_package();
    if (!package) return std::unexpected(package.error());
    ImageRequest request{.key = key_of(*package, jitless),
                         .program = package->program.descriptor.get(),
                         .freeze =
                             [&freeze, jitless](FreezeRequest wish) {
                                 wish.jitless = jitless;
                                 return freeze(wish);
                             },
                         .on_making = on_making};
    for (;;) {
        auto ready = ready_image(cache_folder(), request);
        if (!ready) return std::unexpected(ready.error());
        base::Descriptor program(::fcntl(request.program, F_DUPFD_CLOEXEC, 0));
        if (!program) {
            return base::fail(ErrorCode::unavailable, "no descriptor is left (" +
                                                          std::generic_category().message(errno) +
                                                          "); raise the limit of open files (ulimit -n)");
        }
        auto image = cell::GuestImage::from_frozen(std::move(ready->file), std::move(program));
        if (image && jitless && !keeps_to_written_or_executed(**image)) {
            image = base::fail(ErrorCode::internal, "the image has memory that is writable and executable");
        }
        if (image) {
            return NodeImage{.image = std::move(*image),
                             .path = std::move(ready->path),
                             .was_made = ready->was_made,
                             .warning = std::move(ready->warning)};
        }
        // Whole, but senseless: not of this library's making. One that was made just now is what there is.
        if (ready->was_made) {
            return base::fail(ErrorCode::internal, "Node.js was frozen, but " + image.error().message);
        }
        request.is_damaged = true;
    }
}

std::optional<ImageFile> find_node_image(const NodePackage& package, bool jitless) {
    return find_image(cache_folder(), key_of(package, jitless));
}

}  // namespace curfew::engine
