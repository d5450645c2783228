#include "engine/image.h"

#include <map>

#include "base/forks.h"
#include "base/immortal.h"
#include "base/mutex.h"
#include "engine/engines.h"

namespace curfew::engine {

namespace {

using ImagePointer = std::shared_ptr<const cell::GuestImage>;

Result<ImagePointer> make_image(Engine engine) {
    if (!is_known(engine)) return not_in_this_build(engine);
    return cell::GuestImage::from_elf(embedded_program(engine));
}

// The mutex is held to look and to note, never while something is made or dropped: a fork waits for it, and a child could
// find what was being made half done. So two threads may make the same at once; the first to note it wins.
struct Cache {
    base::ForkSafeMutex mutex;
    std::map<Engine, ImagePointer> images GUARDED_BY(mutex);
};

// Never destroyed: sandboxes may be made while static objects are destroyed.
constinit base::Immortal<Cache> g_cache;

}  // namespace

Result<ImagePointer> image(Engine engine) {
    Cache& cache = g_cache.get();
    {
        const base::Lock lock(cache.mutex);
        if (const auto found = cache.images.find(engine); found != cache.images.end()) return found->second;
    }
    auto made = make_image(engine);
    if (!made) return made;
    const base::Lock lock(cache.mutex);
    return cache.images.try_emplace(engine, std::move(*made)).first->second;
}

}  // namespace curfew::engine
