// The public functions, but prepare_engine(), of which observers hear.
#include <utility>

#include <curfew/engine_store.h>

#include "base/error.h"
#include "engine/engines.h"
#include "engine/node/image_cache.h"
#include "engine/node/node_image.h"
#include "engine/node/package.h"
#include "engine/node/package_installer.h"
#include "engine/node/release.h"

namespace curfew {

namespace {

using engine::NodePackage;

bool is_embedded(Engine engine) noexcept { return !engine::embedded_program(engine).empty(); }

EnginePackage described(const NodePackage& package) {
    return {.version = package.version,
            .folder = package.folder,
            .is_tested = package.is_tested(),
            .is_named = package.is_named};
}

}  // namespace

Result<EnginePackage> install_engine(Engine engine, const EngineInstallation& wish) {
    if (!engine::is_known(engine)) return engine::not_in_this_build(engine);
    if (is_embedded(engine)) return EnginePackage{.is_tested = true};
    engine::InstallRequest request{.version = wish.version,
                                   .archive = wish.archive ? wish.archive->text() : std::string()};
    if (wish.progress) request.on_step = [&wish](std::string_view step) { wish.progress(step); };
    const auto installed = engine::install_package(request);
    if (!installed) return std::unexpected(installed.error());
    return described(*installed);
}

Result<std::size_t> remove_engine(Engine engine, std::string_view version) {
    if (!engine::is_known(engine)) return engine::not_in_this_build(engine);
    std::size_t removed = 0;
    if (is_embedded(engine)) return removed;
    for (const std::string& installed : engine::installed_versions()) {
        if (!version.empty() && installed != version) continue;
        const auto done = engine::remove_package(installed);
        if (!done) return std::unexpected(done.error());
        removed += *done ? 1 : 0;
    }
    // Made again in a second; whose package is still there cannot be told.
    engine::remove_images(engine::cache_folder());
    return removed;
}

Result<EngineState> inspect_engine(Engine engine) {
    if (!engine::is_known(engine)) return engine::not_in_this_build(engine);
    EngineState state{.is_embedded = is_embedded(engine)};
    if (state.is_embedded) return state;
    state.cache_folder = engine::cache_folder();
    const auto used = engine::find_package();
    if (used) {
        state.packages.push_back(described(*used));
        if (auto image = engine::find_node_image(*used, false)) {
            state.image = std::move(image->path);
            state.image_bytes = image->bytes;
        }
        if (auto image = engine::find_node_image(*used, true)) {
            state.jitless_image = std::move(image->path);
            state.jitless_image_bytes = image->bytes;
        }
    } else {
        state.problem = used.error().message;
    }
    for (const std::string& version : engine::installed_versions()) {
        if (used && !used->is_named && used->version == version) continue;
        const auto package = engine::installed_package(version);
        if (package) {
            state.packages.push_back(described(*package));
        } else if (state.problem.empty()) {
            state.problem = package.error().message;
        }
    }
    return state;
}

}  // namespace curfew
