// Node.js's package on this machine: where it is, and which program is in it.
#ifndef CURFEW_ENGINE_PACKAGE_H
#define CURFEW_ENGINE_PACKAGE_H

#include <optional>
#include <string>
#include <vector>

#include <curfew/error.h>

#include "engine/store/folder.h"

namespace curfew::engine {

struct NodePackage {
    std::string version{};  // as its package.json has it; empty: it has none
    std::string folder{};   // with bin/node
    bool is_named = false;  // by CURFEW_NODE_DIR, and not in the cache folder
    OwnFile program{};
    std::string identity{};  // text that differs for programs that differ

    bool is_tested() const;
};

// The folder of the store's packages, and that of one; empty if there is no cache folder.
std::string packages_folder();
std::string package_folder(std::string_view version);

// The package that cells are made of: in the folder that CURFEW_NODE_DIR names; else the release that is tested, else the newest
// that is installed. Fails with `unavailable` if there is none.
Result<NodePackage> find_package();

// One that is installed. Fails with `unavailable` if it is not there, or not to be trusted.
Result<NodePackage> installed_package(std::string_view version);

// The versions of what is installed, the one that is used first. Whether they are whole is not looked at.
std::vector<std::string> installed_versions();

// What the installer writes down beside a program that it has checked.
struct InstalledProgram {
    std::string version;
    std::string sha256;
    std::uint64_t size = 0;
    std::int64_t changed = 0;

    static constexpr const char* kFile = "installed.json";
    std::string text() const;
    static std::optional<InstalledProgram> parse(std::string_view text);
};

// The value of "version" in a package.json; empty if that is not what it is.
std::string version_in(std::string_view package_json);

}  // namespace curfew::engine

#endif
