#include "sandbox/modules/module_files.h"

#include <array>

namespace curfew::sandbox {

std::optional<std::string_view> why_no_module(std::string_view path) {
    struct Unsupported {
        std::string_view ending;
        std::string_view why;
    };
    constexpr std::string_view kTyped = "is TypeScript or JSX, which has to be compiled to JavaScript first";
    constexpr std::array<Unsupported, 8> kUnsupported{
        {{".cjs", "is a CommonJS module; only ES modules can be imported"},
         {".node", "is native code, which cannot be imported"},
         {".wasm", "is WebAssembly, which cannot be imported"},
         {".ts", kTyped},
         {".mts", kTyped},
         {".cts", kTyped},
         {".tsx", kTyped},
         {".jsx", kTyped}}};
    for (const auto& [ending, why] : kUnsupported) {
        if (path.ends_with(ending)) return why;
    }
    return std::nullopt;
}

wire::ModuleKind module_kind(std::string_view path) {
    return path.ends_with(".json") ? wire::ModuleKind::json : wire::ModuleKind::source;
}

}  // namespace curfew::sandbox
