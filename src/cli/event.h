// The event that a run is given.
#ifndef CURFEW_CLI_EVENT_H
#define CURFEW_CLI_EVENT_H

#include <istream>
#include <string>

#include <curfew/error.h>

#include "cli/command_line.h"

namespace curfew::cli {

// Takes the event from the options, from the file that they name, or from `in` where they name "-". Fails with
// `invalid_argument` if there is nothing to read or if it is not JSON; the message gives the place of the fault.
Result<std::string> read_event(const RunOptions& options, std::istream& in);

}  // namespace curfew::cli

#endif
