#include "cli/snapshot_file.h"

#include <curfew/signing_key.h>

namespace curfew::cli {

Result<Snapshot> load_file(const std::string& file, const std::optional<std::string>& key_file) {
    if (!key_file) return Snapshot::load(file);
    const Result<SigningKey> key = SigningKey::from_file(*key_file);
    if (!key) return std::unexpected(key.error());
    return Snapshot::load(file, *key);
}

Result<void> save_file(const Snapshot& snapshot, const std::string& file, const std::optional<std::string>& key_file) {
    if (!key_file) return snapshot.save(file);
    const Result<SigningKey> key = SigningKey::from_file(*key_file);
    if (!key) return std::unexpected(key.error());
    return snapshot.save(file, *key);
}

}  // namespace curfew::cli
