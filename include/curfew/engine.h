// The JavaScript engines that can run inside a sandbox.
#ifndef CURFEW_ENGINE_H
#define CURFEW_ENGINE_H

#include <curfew/language.h>

#include <optional>
#include <span>
#include <string_view>

#include <curfew/error.h>
#include <curfew/export.h>

namespace curfew {

enum class Engine {
    quickjs,  // QuickJS-NG: a compact interpreter that is ready in a fraction of a millisecond
    node,     // Node.js: V8 with its compiler, and Node's and the web's interfaces
};

struct EngineInfo {
    Engine engine;
    std::string_view name;     // "quickjs": how options and files name it
    std::string_view product;  // "QuickJS-NG"
    std::string_view version;  // "0.17.0": the one that this build is tested with
};

// The engines that this build of the library has, of which the first is the default. Thread-safe, as all here.
[[nodiscard]] CURFEW_EXPORT std::span<const EngineInfo> engines() noexcept;

// The engine of that name; nothing if this build has none.
[[nodiscard]] CURFEW_EXPORT std::optional<Engine> find_engine(std::string_view name) noexcept;

// What sandboxes get whose builder names none: the engine that the environment variable CURFEW_ENGINE names, else the first of
// engines(). Fails with `invalid_argument` if this build has none of that name.
[[nodiscard]] CURFEW_EXPORT Result<Engine> default_engine();

// "quickjs"; "unknown engine" for a value that is none of this build's.
[[nodiscard]] CURFEW_EXPORT std::string_view name_of(Engine engine) noexcept;

}  // namespace curfew

#endif
