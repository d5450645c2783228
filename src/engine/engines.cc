#include "engine/engines.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/error.h"
#include "base/text.h"

// The table of engines comes from the build: CURFEW_EMBEDDED_ENGINE(name, product, version) for each whose program lies in the
// library, CURFEW_ENGINE with the same for each other.
extern "C" {
#define CURFEW_ENGINE(name, product, version)
#define CURFEW_EMBEDDED_ENGINE(name, product, version)   \
    extern const unsigned char curfew_image_of_##name[]; \
    extern const unsigned char curfew_image_of_##name##_end[];
#include "curfew_engines.inc"
#undef CURFEW_EMBEDDED_ENGINE
#undef CURFEW_ENGINE
}

namespace curfew {

namespace {

#define CURFEW_ENGINE(name, product, version) EngineInfo{Engine::name, #name, product, version},
#define CURFEW_EMBEDDED_ENGINE CURFEW_ENGINE
constexpr std::array kEngines{
#include "curfew_engines.inc"
};
#undef CURFEW_EMBEDDED_ENGINE
#undef CURFEW_ENGINE

}  // namespace

std::span<const EngineInfo> engines() noexcept { return kEngines; }

std::optional<Engine> find_engine(std::string_view name) noexcept {
    const auto* const found = std::ranges::find(kEngines, name, &EngineInfo::name);
    if (found == kEngines.end()) return std::nullopt;
    return found->engine;
}

std::string_view name_of(Engine engine) noexcept {
    const auto* const found = std::ranges::find(kEngines, engine, &EngineInfo::engine);
    return found == kEngines.end() ? "unknown engine" : found->name;
}

Result<Engine> default_engine() {
    constexpr const char* kVariable = "CURFEW_ENGINE";
    // NOLINTNEXTLINE(concurrency-mt-unsafe): whoever changes the environment beside other threads asks for it
    const char* const name = std::getenv(kVariable);
    if (name == nullptr || *name == '\0') return kEngines.front().engine;
    if (const auto engine = find_engine(name)) return *engine;
    return base::fail(ErrorCode::invalid_argument, std::string(kVariable) + " is " + base::in_quotes(name) +
                                                       ", which is no engine of this build of Curfew; it has " +
                                                       engine::names_of_engines());
}

namespace engine {

bool is_known(Engine engine) noexcept {
    return std::ranges::find(kEngines, engine, &EngineInfo::engine) != kEngines.end();
}

bool is_jitless_by_default() noexcept {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): whoever changes the environment beside other threads asks for it
    const char* const given = std::getenv("CURFEW_JITLESS");
    return given != nullptr && *given != '\0' && std::string_view(given) != "0";
}

std::string names_of_engines() {
    std::string names;
    for (const EngineInfo& info : kEngines) names += (names.empty() ? "" : ", ") + std::string(info.name);
    return names;
}

std::unexpected<Error> not_in_this_build(Engine engine) {
    if (engine == Engine::node) {
        return base::fail(
            ErrorCode::unavailable,
            "this build of Curfew does not have the engine node, since it was built with CURFEW_NODE=OFF; "
            "it has " +
                names_of_engines());
    }
    return base::fail(ErrorCode::invalid_argument,
                      "this build of Curfew does not have the engine that was asked for; it has " + names_of_engines());
}

std::span<const std::byte> embedded_program(Engine engine) noexcept {
#define CURFEW_ENGINE(name, product, version)
#define CURFEW_EMBEDDED_ENGINE(name, product, version) \
    if (engine == Engine::name) return std::as_bytes(std::span(curfew_image_of_##name, curfew_image_of_##name##_end));
#include "curfew_engines.inc"
#undef CURFEW_EMBEDDED_ENGINE
#undef CURFEW_ENGINE
    return {};
}

}  // namespace engine

}  // namespace curfew
