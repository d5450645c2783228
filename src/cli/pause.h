// Handlers that wait for answers to host calls, which the command leaves open.
#ifndef CURFEW_CLI_PAUSE_H
#define CURFEW_CLI_PAUSE_H

#include <optional>
#include <string>

#include <curfew/curfew.h>

#include "cli/outcome.h"

namespace curfew::cli {

// Lets it run to its end, or until it waits for answers only; then it is saved in the file, signed if
// there is a key.
Outcome finish_or_save(PendingInvocation& invocation, LoadedSandbox& sandbox, const std::string& file,
                       const std::optional<std::string>& key_file);

}  // namespace curfew::cli

#endif
