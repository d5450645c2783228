// Snapshots as bytes; docs/design/snapshot-file.md describes the format. What is to be read may hold anything: every length and
// address is checked before it is used.
#ifndef CURFEW_SANDBOX_SNAPSHOT_FILE_H
#define CURFEW_SANDBOX_SNAPSHOT_FILE_H

#include <memory>

#include <curfew/error.h>
#include <curfew/signing_key.h>

#include "sandbox/config.h"
#include "sandbox/snapshot/snapshot_stream.h"

namespace curfew::sandbox {

// As Snapshot::save and Snapshot::load; a null key: without signing, or looking at the signature.
Result<void> save_state(const SavedState& state, SnapshotSink& sink, const SigningKey* key);
Result<std::shared_ptr<const SavedState>> load_state(SnapshotSource& source, const SigningKey* key);

}  // namespace curfew::sandbox

#endif
