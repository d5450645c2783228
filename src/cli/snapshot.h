// curfew snapshot: loads a handler, and saves the sandbox that has it.
#ifndef CURFEW_CLI_SNAPSHOT_H
#define CURFEW_CLI_SNAPSHOT_H

#include "cli/console.h"
#include "cli/request.h"

namespace curfew::cli {

// Returns the command's exit status. Must be called before the process has other threads, as run().
int snapshot(const SnapshotOptions& options, Console& console);

}  // namespace curfew::cli

#endif
