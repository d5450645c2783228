#include "sandbox/engines.h"

#include <algorithm>
#include <array>

// The table of engines comes from the build: CURFEW_ENGINE(name, product, version) for each.
extern "C" {
#define CURFEW_ENGINE(name, product, version)            \
    extern const unsigned char curfew_image_of_##name[]; \
    extern const unsigned char curfew_image_of_##name##_end[];
#include "curfew_engines.inc"
#undef CURFEW_ENGINE
}

namespace curfew {

namespace {

#define CURFEW_ENGINE(name, product, version) EngineInfo{Engine::name, #name, product, version},
constexpr std::array kEngines{
#include "curfew_engines.inc"
};
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

namespace sandbox {

std::span<const std::byte> image_of(Engine engine) noexcept {
    switch (engine) {
#define CURFEW_ENGINE(name, product, version) \
    case Engine::name: return std::as_bytes(std::span(curfew_image_of_##name, curfew_image_of_##name##_end));
#include "curfew_engines.inc"
#undef CURFEW_ENGINE
    }
    return {};
}

}  // namespace sandbox

}  // namespace curfew
