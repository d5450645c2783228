// Which files can be modules, by their names' endings.
#ifndef CURFEW_SANDBOX_MODULE_FILES_H
#define CURFEW_SANDBOX_MODULE_FILES_H

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "wire/mailbox.h"

namespace curfew::sandbox {

// Whose rules an import follows.
enum class ImportRules {
    es_modules,    // those of bundlers, for what `import` asks for
    require,       // those of bundlers, for what `require` asks for
    node_import,   // those of Node.js, for what an ES module imports
    node_require,  // those of Node.js, for what `require` asks for
};

// Why a file cannot be a module, whatever is in it: "is native code, ...". Nothing for all others.
std::optional<std::string_view> why_no_module(std::string_view path);

// What is appended to a path that names no file, in this order; and to "index", and to what a package names as its main file.
std::span<const std::string_view> endings(ImportRules rules);
std::span<const std::string_view> main_endings(ImportRules rules);

// The conditions of a package.json that apply.
std::span<const std::string_view> conditions(ImportRules rules);

// The same for messages: "import", "module" and "default".
std::string shown_conditions(ImportRules rules);

// Of a file that can.
wire::ModuleKind module_kind(std::string_view path);

}  // namespace curfew::sandbox

#endif
