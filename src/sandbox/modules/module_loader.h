// Finds and reads the files that scripts import.
#ifndef CURFEW_SANDBOX_MODULE_LOADER_H
#define CURFEW_SANDBOX_MODULE_LOADER_H

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <curfew/error.h>

#include "wire/mailbox.h"

namespace curfew::sandbox {

// The folders of a sandbox's scripts, by the scripts' names, which is how a guest names them.
using ScriptFolders = std::map<std::string, std::string, std::less<>>;

// Who imports something. The name is the guest's word.
struct Importer {
    std::string_view name;
    std::optional<std::string_view> script_folder;  // if it is a script that was given a folder
};

struct ResolvedModule {
    wire::ModuleKind kind;
    std::string path;
};

struct ModuleSource {
    wire::ModuleKind kind;
    std::string text;  // UTF-8
};

// Const functions are thread-safe, and throw nothing. Messages of errors are for the guest's exception.
class ModuleLoader {
  public:
    virtual ~ModuleLoader() = default;

    // The file that `specifier` means in the module `importer`.
    virtual Result<ResolvedModule> resolve(const Importer& importer, std::string_view specifier) const = 0;

    // The file at a path that resolve() gave. The guest may ask for any other as well.
    virtual Result<ModuleSource> read(std::string_view path) const = 0;
};

}  // namespace curfew::sandbox

#endif
