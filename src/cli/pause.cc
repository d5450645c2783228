#include "cli/pause.h"

#include <utility>

#include "cli/snapshot_file.h"

namespace curfew::cli {

namespace {

Outcome failure(Error error) {
    const Usage usage = error.usage;
    return Outcome{.result = std::unexpected(std::move(error)), .usage = usage};
}

}  // namespace

Outcome finish_or_save(PendingInvocation& invocation, LoadedSandbox& sandbox, const std::string& file,
                       const std::optional<std::string>& key_file) {
    Result<EventResult> finished = invocation.finish();
    if (finished) return Outcome{.result = shown_result(*finished), .usage = finished->usage};
    if (invocation.done()) return failure(std::move(finished.error()));
    const Result<Snapshot> snapshot = sandbox.snapshot();
    if (!snapshot) return failure(snapshot.error());
    if (Result<void> saved = save_file(*snapshot, file, key_file); !saved) return failure(std::move(saved.error()));
    return Outcome{.result = {},
                   .usage = invocation.usage(),
                   .waiting = Waiting{.file = file, .open_calls = invocation.open_calls()}};
}

}  // namespace curfew::cli
