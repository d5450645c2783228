// curfew resume: goes on with a handler that was saved while it waited for answers.
#ifndef CURFEW_CLI_RESUME_H
#define CURFEW_CLI_RESUME_H

#include "cli/console.h"
#include "cli/request.h"

namespace curfew::cli {

// Returns the command's exit status.
int resume(const ResumeOptions& options, Console& console);

}  // namespace curfew::cli

#endif
