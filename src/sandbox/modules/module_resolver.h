// Finds the file that an import means, by the rules in docs/modules.md.
#ifndef CURFEW_SANDBOX_MODULE_RESOLVER_H
#define CURFEW_SANDBOX_MODULE_RESOLVER_H

#include <memory>
#include <utility>

#include <curfew/file_system.h>

#include "sandbox/modules/module_loader.h"

namespace curfew::sandbox {

class ModuleResolver final : public ModuleLoader {
  public:
    static constexpr std::size_t kLongestSpecifier = 1024;  // bytes
    static constexpr unsigned kMostLookups = 256;           // calls of the file system for one import

    explicit ModuleResolver(std::shared_ptr<const FileSystem> files) : files_(std::move(files)) {}

    Result<ResolvedModule> resolve(const Importer& importer, std::string_view specifier) const override;
    Result<ModuleSource> read(std::string_view path) const override;

  private:
    std::shared_ptr<const FileSystem> files_;
};

}  // namespace curfew::sandbox

#endif
