// The log: what monitors did, the sandboxes' lives, and what guests print if nobody else takes it, in a spdlog logger.
// Curfew never prints by itself: logging begins with set_logger(), and is in a library of its own, curfew::spdlog in CMake.
//
//     curfew::set_logger(spdlog::stderr_color_mt("curfew"));   // this logger
//     curfew::set_logger();                                    // whichever has the name "curfew", when there is one
//
//   warning  a monitor ended an invocation (the error's message), or a soft monitor warns; with the fields below
//            a guest did what no script can make it do, with three fields: alarm= (observed::AlarmKind), handler=, sandbox=
//            the image of an engine cannot be kept, or was damaged, with two fields: engine=, image= (its file)
//   info     an engine was made ready, with the same fields
//   debug    a sandbox was started, loaded, restored, unloaded, or given up, and why
//   any      what a guest prints in a sandbox without a print function (SandboxBuilder::with_print), at the level of the
//            console's method; print and console.log are `info`
//
// Every entry is one line of valid UTF-8: control characters, also those that change the direction of text, are escaped,
// so that no handler can make up entries. Of a text of more than 8 KiB the rest is left out. How much one invocation can
// put into the log is bounded by its sandbox's output limit (SandboxBuilder::with_output_limit); the logger's level
// can keep guests' text out altogether.
//
// Warnings of monitors end with four fields, for programs that read the log, always all of them and in this order:
//
//     ... Raise the limit, or let it do less. monitor=cpu-time handler=work limit="50 ms of CPU time" used="51 ms of ..."
//
// A value stands as it is if it is made of letters, digits and the characters . _ - only, and has some; any other is written as
// a JSON string, so an empty one as "". Of a value of more than 1 KiB the rest is left out. The sentence before the fields may
// change from one version to the next; the fields do not.
//
// A sandbox or supervise that is used while static objects are destroyed is not logged any more.
#ifndef CURFEW_SPDLOG_H
#define CURFEW_SPDLOG_H

#include <curfew/language.h>

#include <memory>

#include <curfew/export.h>

namespace spdlog {
class logger;
}

namespace curfew {

// Logs to this one from now on, instead of the one before; null: to spdlog's "curfew", if there is one at the time.
// Thread-safe, also while calls run, so the logger has to be too (spdlog's ..._mt). An entry that is on its way at that
// moment may be lost.
CURFEW_EXPORT void set_logger(std::shared_ptr<spdlog::logger> logger = nullptr);

// Logs nothing from now on, as at the start.
CURFEW_EXPORT void stop_logging() noexcept;

}  // namespace curfew

#endif
