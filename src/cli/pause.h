// Handlers that wait for answers to host calls, which the command leaves open.
#ifndef CURFEW_CLI_PAUSE_H
#define CURFEW_CLI_PAUSE_H

#include <string>

#include <curfew/curfew.h>

#include "cli/outcome.h"

namespace curfew::cli {

// Lets it run to its end, or until it waits for answers only; then it is saved in the file.
Outcome finish_or_save(PendingInvocation& invocation, LoadedSandbox& sandbox, const std::string& file);

}  // namespace curfew::cli

#endif
