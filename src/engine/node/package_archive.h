// The archive of Node.js's package, as npm gives it: a .tgz file that nobody vouches for before its hash is known, and which is
// hostile until then.
#ifndef CURFEW_ENGINE_PACKAGE_ARCHIVE_H
#define CURFEW_ENGINE_PACKAGE_ARCHIVE_H

#include <cstdint>
#include <string>
#include <string_view>

#include <curfew/error.h>

#include "engine/store/folder.h"

namespace curfew::engine {

// "sha512-" and the hash of a file in base64, as npm writes it.
Result<std::string> integrity_of(int archive);

// Of npm's integrity, which may state several hashes, that of the kind above; empty if there is none.
std::string sha512_in(std::string_view integrity);

// The content of one file of the archive, all of it in memory.
Result<std::string> read_member(int archive, std::string_view member, std::uint64_t most);

// Writes one file of the archive into a folder. Fails with `invalid_argument` if the archive does not have it, if it is longer than
// `most`, and if it is no archive. A link in its place is the same as nothing: its target is never read or written.
Result<void> unpack_member(int archive, std::string_view member, std::uint64_t most, const Folder& folder,
                           const std::string& name, bool executable);

}  // namespace curfew::engine

#endif
