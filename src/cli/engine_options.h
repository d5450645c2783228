// The command line of curfew engine, and the names of engines on others'.
#ifndef CURFEW_CLI_ENGINE_OPTIONS_H
#define CURFEW_CLI_ENGINE_OPTIONS_H

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <curfew/engine.h>
#include <curfew/error.h>

#include "cli/request.h"

namespace curfew::cli {

// Those of this build; and Node.js too if it is none of them, so that whoever asks for it is told why it is not there.
std::optional<Engine> engine_named(std::string_view name);

// "quickjs or node".
std::string known_engines();

// Takes the arguments after "engine".
Result<Request> parse_engine(std::span<const std::string> arguments);

}  // namespace curfew::cli

#endif
