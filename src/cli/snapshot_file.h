// The command's snapshot files, signed if a key was given.
#ifndef CURFEW_CLI_SNAPSHOT_FILE_H
#define CURFEW_CLI_SNAPSHOT_FILE_H

#include <optional>
#include <string>

#include <curfew/snapshot.h>

namespace curfew::cli {

// `key_file` names a file whose content is the key: such a file is refused that was not signed with it.
Result<Snapshot> load_file(const std::string& file, const std::optional<std::string>& key_file);

Result<void> save_file(const Snapshot& snapshot, const std::string& file, const std::optional<std::string>& key_file);

}  // namespace curfew::cli

#endif
