// Finds and reads the files that scripts import.
#ifndef CURFEW_SANDBOX_MODULE_LOADER_H
#define CURFEW_SANDBOX_MODULE_LOADER_H

#include <string>
#include <string_view>

#include <curfew/error.h>

#include "wire/mailbox.h"

namespace curfew::sandbox {

struct ModuleSource {
    wire::ModuleKind kind;
    std::string text;  // UTF-8
};

// Const functions are thread-safe.
class ModuleLoader {
  public:
    virtual ~ModuleLoader() = default;

    // The path of the file that `specifier` means in the module `importer`. The message of an error is for the guest's
    // exception.
    virtual Result<std::string> resolve(std::string_view importer, std::string_view specifier) const = 0;

    // The file at a path that resolve() gave. The guest may ask for any other as well.
    virtual Result<ModuleSource> read(std::string_view path) const = 0;
};

}  // namespace curfew::sandbox

#endif
