#include "engine/image.h"

#include <map>
#include <optional>
#include <utility>

#include "base/forks.h"
#include "base/immortal.h"
#include "base/mutex.h"
#include "engine/engines.h"
#include "engine/node/freezer.h"
#include "engine/node/node_image.h"

namespace curfew::engine {

namespace {

using ImagePointer = std::shared_ptr<const cell::GuestImage>;

struct Made {
    ImagePointer image;
    std::optional<ImageNews> news;
};

Result<Made> make_image(ImageKind kind, const ImageListener& listener) {
    const Engine engine = kind.engine;
    if (!is_known(engine)) return not_in_this_build(engine);
    if (const auto program = embedded_program(engine); !program.empty()) {
        auto image = cell::GuestImage::from_elf(program);
        if (!image) return std::unexpected(std::move(image.error()));
        return Made{.image = std::move(*image), .news = {}};
    }
    const auto start = std::chrono::steady_clock::now();
    auto made = node_image(freeze, kind.jitless, listener.on_making);
    if (!made) return std::unexpected(std::move(made.error()));
    return Made{.image = std::move(made->image),
                .news = ImageNews{.was_made = made->was_made,
                                  .time = std::chrono::steady_clock::now() - start,
                                  .path = std::move(made->path),
                                  .warning = std::move(made->warning)}};
}

// The mutex is held to look and to note, never while something is made or dropped: a fork waits for it, and a child could
// find what was being made half done. So two threads may make the same at once; the first to note it wins.
struct Cache {
    base::ForkSafeMutex mutex;
    std::map<ImageKind, ImagePointer> images GUARDED_BY(mutex);
};

// Never destroyed: sandboxes may be made while static objects are destroyed.
constinit base::Immortal<Cache> g_cache;

}  // namespace

Result<ImagePointer> image(ImageKind kind, const ImageListener& listener) {
    Cache& cache = g_cache.get();
    {
        const base::Lock lock(cache.mutex);
        if (const auto found = cache.images.find(kind); found != cache.images.end()) return found->second;
    }
    auto made = make_image(kind, listener);
    if (!made) return std::unexpected(std::move(made.error()));
    bool is_first = false;
    ImagePointer image;
    {
        const base::Lock lock(cache.mutex);
        const auto [place, added] = cache.images.try_emplace(kind, std::move(made->image));
        image = place->second;
        is_first = added;
    }
    if (is_first && made->news && listener.on_ready) listener.on_ready(*made->news);
    return image;
}

}  // namespace curfew::engine
