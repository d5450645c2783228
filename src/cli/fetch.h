// What --fetch gives a handler.
#ifndef CURFEW_CLI_FETCH_H
#define CURFEW_CLI_FETCH_H

#include <curfew/sandbox.h>

#include "cli/request.h"

namespace curfew::cli {

// Fails where the command was built without libcurl.
Result<void> give_fetch(SandboxBuilder& builder, const SandboxOptions& options);

}  // namespace curfew::cli

#endif
