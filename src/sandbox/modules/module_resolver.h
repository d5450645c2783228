// Finds the file that an import means, by the rules in docs/modules.md, and reads it.
#ifndef CURFEW_SANDBOX_MODULE_RESOLVER_H
#define CURFEW_SANDBOX_MODULE_RESOLVER_H

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <curfew/error.h>
#include <curfew/file_system.h>
#include <curfew/host/call_context.h>

#include "sandbox/modules/module_files.h"
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
class ModuleResolver {
  public:
    static constexpr std::size_t kLongestSpecifier = 1024;       // bytes
    static constexpr unsigned kMostLookups = 256;                // calls of the file system for one import
    static constexpr std::uint64_t kMostPackageBytes = 4 << 20;  // of all package.json that one import reads

    explicit ModuleResolver(std::shared_ptr<const FileSystem> files) : files_(std::move(files)) {}

    // The file that `specifier` means in the module `importer`. `call`, if there is one, is asked before each look-up
    // whether it has been ended, which ends the search.
    Result<ResolvedModule> resolve(const Importer& importer, std::string_view specifier,
                                   ImportRules rules = ImportRules::es_modules,
                                   const CallContext* call = nullptr) const;

    // The file at a path that resolve() gave. The guest may ask for any other as well.
    Result<ModuleSource> read(std::string_view path) const;

  private:
    std::shared_ptr<const FileSystem> files_;
};

}  // namespace curfew::sandbox

#endif
