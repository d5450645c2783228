// Brings Node.js's package onto this machine: fetched by npm, or from a file; checked, and unpacked into the cache folder.
#ifndef CURFEW_ENGINE_PACKAGE_INSTALLER_H
#define CURFEW_ENGINE_PACKAGE_INSTALLER_H

#include <functional>
#include <string>
#include <string_view>

#include <curfew/error.h>

#include "engine/node/package.h"

namespace curfew::engine {

struct InstallRequest {
    std::string version{};                            // empty: the one that is tested
    std::string archive{};                            // a file that npm pack has made; empty: npm fetches it
    std::function<void(std::string_view)> on_step{};  // told what is about to be done, a sentence without its full stop
};

// Nothing is to be trusted that does not have the hashes that are known: of the tested release those of src/engine/node/VERSION, of
// another that which npm states. For a file with another release there is none, and the user vouches for it.
//
// Replaces what is installed of that version, unless that is whole and no file is given. Fails with `invalid_argument` for a
// version that is none and for a file that is not the package's archive; with `unavailable` if there is no folder for it, no npm, no
// network, or if what npm has fetched does not have the hash. Then all is as it was.
Result<NodePackage> install_package(const InstallRequest& request);

// Removes an installed version. False if there is none.
Result<bool> remove_package(std::string_view version);

}  // namespace curfew::engine

#endif
