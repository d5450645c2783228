#include "sandbox/modules/module_files.h"

#include <array>

#include "base/text.h"

namespace curfew::sandbox {

std::optional<std::string_view> why_no_module(std::string_view path) {
    struct Unsupported {
        std::string_view ending;
        std::string_view why;
    };
    constexpr std::string_view kTyped = "has JSX in it, which has to be compiled to JavaScript first";
    constexpr std::array<Unsupported, 4> kUnsupported{{{".node", "is native code, which cannot be imported"},
                                                       {".wasm", "is WebAssembly, which cannot be imported"},
                                                       {".tsx", kTyped},
                                                       {".jsx", kTyped}}};
    for (const auto& [ending, why] : kUnsupported) {
        if (path.ends_with(ending)) return why;
    }
    return std::nullopt;
}

std::span<const std::string_view> endings(ImportRules rules) {
    static constexpr std::array<std::string_view, 3> kOfEsModules{".js", ".mjs", ".json"};
    static constexpr std::array<std::string_view, 4> kOfNode{".js", ".json", ".mjs", ".cjs"};
    return rules == ImportRules::es_modules || rules == ImportRules::require
               ? std::span<const std::string_view>(kOfEsModules)
               : kOfNode;
}

std::span<const std::string_view> main_endings(ImportRules rules) {
    return rules == ImportRules::es_modules ? endings(rules).first(2) : endings(rules);
}

std::span<const std::string_view> conditions(ImportRules rules) {
    static constexpr std::array<std::string_view, 3> kOfEsModules{"import", "module", "default"};
    static constexpr std::array<std::string_view, 2> kRequired{"require", "default"};
    static constexpr std::array<std::string_view, 4> kOfImport{"node", "import", "module-sync", "default"};
    static constexpr std::array<std::string_view, 4> kOfRequire{"node", "require", "module-sync", "default"};
    switch (rules) {
        case ImportRules::es_modules: return kOfEsModules;
        case ImportRules::require: return kRequired;
        case ImportRules::node_import: return kOfImport;
        case ImportRules::node_require: break;
    }
    return kOfRequire;
}

std::string shown_conditions(ImportRules rules) {
    const auto known = conditions(rules);
    std::string text;
    for (std::size_t i = 0; i < known.size(); ++i) {
        text += (i == 0 ? "" : i + 1 == known.size() ? " and " : ", ") + base::in_quotes(known[i]);
    }
    return text;
}

wire::ModuleKind module_kind(std::string_view path) {
    return path.ends_with(".json") ? wire::ModuleKind::json : wire::ModuleKind::source;
}

}  // namespace curfew::sandbox
