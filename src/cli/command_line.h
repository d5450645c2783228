// Reads the command line: nothing else is read, and nothing is started.
#ifndef CURFEW_CLI_COMMAND_LINE_H
#define CURFEW_CLI_COMMAND_LINE_H

#include <span>
#include <string>

#include <curfew/error.h>

#include "cli/request.h"

namespace curfew::cli {

// Takes the arguments after the program's name. Whatever is wrong with them is an `invalid_argument` whose message
// says so, gives an example, and names the help that says more.
Result<Request> parse_command_line(std::span<const std::string> arguments);

}  // namespace curfew::cli

#endif
