// The event that a run is given.
#ifndef CURFEW_CLI_EVENT_H
#define CURFEW_CLI_EVENT_H

#include <string>

#include <curfew/error.h>

#include "cli/input.h"
#include "cli/request.h"

namespace curfew::cli {

// Takes the event from the options, from the file that they name, or from standard input where they name "-".
// Fails as reading does, and with `invalid_argument` if it is not JSON, or not the CBOR that was announced; the message gives the place of the fault.
Result<std::string> read_event(const RunOptions& options, const Input& input);

}  // namespace curfew::cli

#endif
