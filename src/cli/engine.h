// curfew engine: brings engines that are not part of Curfew onto this machine, and says what there is of each.
#ifndef CURFEW_CLI_ENGINE_H
#define CURFEW_CLI_ENGINE_H

#include <curfew/engine.h>
#include <curfew/error.h>

#include "cli/console.h"
#include "cli/request.h"

namespace curfew::cli {

// Returns the command's exit status.
int engine(const EngineOptions& options, Console& console);

// Makes ready what a sandbox of the engine needs, if that has yet to be done, with progress on a terminal; what is wrong with the
// cache is a message. Fails as prepare_engine().
Result<void> make_ready(Engine engine, bool jitless, Console& console);

}  // namespace curfew::cli

#endif
