// The log: what monitors did, the sandboxes' lives, and what guests print if nobody else takes it. It goes to the spdlog
// logger "curfew", which the program makes; until it does, nothing is logged. Curfew never prints by itself.
//
//     spdlog::stderr_color_mt("curfew");                       // a logger of that name, made at any time, is used
//     curfew::set_logger(spdlog::default_logger());            // or this one, whatever its name
//
//   warning  a monitor ended an invocation (the error's message), or a soft monitor warns
//   debug    a sandbox was started, loaded, restored, unloaded, or given up, and why
//   any      what a guest prints in a sandbox without a print function (SandboxBuilder::with_print), at the level of the
//            console's method; print and console.log are `info`
//
// Every entry is one line of valid UTF-8: control characters, also those that change the direction of text, are escaped,
// so that no handler can make up entries. An entry that would be longer than 8 KiB is cut off. How much one invocation can
// put into the log is bounded by its sandbox's output limit (SandboxBuilder::with_output_limit); the logger's level
// can keep guests' text out altogether.
//
// To use spdlog's own types, a program links spdlog (spdlog::spdlog in CMake) itself.
#ifndef CURFEW_LOG_H
#define CURFEW_LOG_H

#include <memory>

#include <curfew/export.h>

namespace spdlog {
class logger;
}

namespace curfew {

// Logs to this one from now on; null: to spdlog's "curfew", if there is one. Thread-safe, so the logger has to be too
// (spdlog's ..._mt). It is let go when the program's static objects are destroyed, and nothing is logged after that.
CURFEW_EXPORT void set_logger(std::shared_ptr<spdlog::logger> logger);

}  // namespace curfew

#endif
