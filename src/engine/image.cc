#include "engine/image.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstddef>
#include <map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/forks.h"
#include "base/immortal.h"
#include "base/mutex.h"
#include "engine/engines.h"
#include "engine/node/freezer.h"

namespace curfew::engine {

namespace {

using ImagePointer = std::shared_ptr<const cell::GuestImage>;

#ifdef CURFEW_NODE_PROGRAM
// Each process makes its own, of the program that the build found.
Result<ImagePointer> frozen_node() {
    cell::Descriptor program(::open(CURFEW_NODE_PROGRAM, O_RDONLY | O_CLOEXEC));
    auto frozen = cell::MemoryFile::create("curfew-node-frozen", 0);
    if (!frozen) return std::unexpected(frozen.error());
    if (auto made = freeze({.program = program.get(), .image = frozen->descriptor()}); !made) {
        return std::unexpected(made.error());
    }
    std::vector<std::byte> bytes(static_cast<std::size_t>(::lseek(frozen->descriptor(), 0, SEEK_END)));
    for (std::size_t at = 0; at < bytes.size();) {
        const ssize_t got = ::pread(frozen->descriptor(), bytes.data() + at, bytes.size() - at, static_cast<off_t>(at));
        if (got <= 0) return base::fail(ErrorCode::internal, "the image of Node.js cannot be read");
        at += static_cast<std::size_t>(got);
    }
    auto image = cell::MemoryFile::create("curfew-node", bytes.size(), true);
    if (!image) return std::unexpected(image.error());
    if (auto written = image->write(0, bytes); !written) return std::unexpected(written.error());
    if (auto sealed = image->seal(); !sealed) return std::unexpected(sealed.error());
    return cell::GuestImage::from_frozen(std::move(*image), std::move(program));
}
#endif

Result<ImagePointer> make_image(Engine engine) {
    if (!is_known(engine)) return not_in_this_build(engine);
#ifdef CURFEW_NODE_PROGRAM
    if (engine == Engine::node) return frozen_node();
#endif
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
