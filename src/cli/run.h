// curfew run: calls a handler in a sandbox of its own.
#ifndef CURFEW_CLI_RUN_H
#define CURFEW_CLI_RUN_H

#include "cli/console.h"
#include "cli/request.h"

namespace curfew::cli {

// Returns the command's exit status. Must be called before the process has other threads, since it takes over SIGINT
// and SIGTERM while the handler runs.
int run(const RunOptions& options, Console& console);

}  // namespace curfew::cli

#endif
