// Brings the handler that the command is about into a sandbox, under the limits of its options.
#ifndef CURFEW_CLI_HANDLER_H
#define CURFEW_CLI_HANDLER_H

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <curfew/curfew.h>

#include "cli/console.h"
#include "cli/request.h"
#include "cli/stop_signals.h"

namespace curfew::cli {

inline constexpr std::string_view kHandler = "handler";  // its name in the sandbox

// The monitors that the options ask for. They hold for loading the script, which runs its top level, and for every call.
// `start` is when the command began, from where a deadline counts that is so long from now.
Result<std::vector<AnyMonitor>> make_limits(const SandboxOptions& options, std::chrono::steady_clock::time_point start);

// Registers the functions that the options leave open.
Result<void> add_tools(ProtoSandbox& host, const SandboxOptions& options);

// Leaves all host functions open that a snapshot needs.
void leave_open(const SnapshotRequirements& requirements, SandboxOptions& options);

// Loads a script. A signal ends the loading, and later the sandbox's calls.
Result<LoadedSandbox> load_script(Script script, const SandboxOptions& options, const std::vector<AnyMonitor>& monitors,
                                  Console& console, StopSignals& signals, CallTrace trace = {});

// Starts from a file that `curfew snapshot` has made. A signal ends the sandbox's calls.
Result<LoadedSandbox> load_snapshot(const std::string& file, const SandboxOptions& options, Console& console,
                                    StopSignals& signals, CallTrace trace = {});

// The same with what the handler waits for in such a file; `snapshot` is what it was read into. All of its host functions are left
// open.
Result<LoadedSandbox> load_waiting(const Snapshot& snapshot, const std::string& file, SandboxOptions options,
                                   Console& console, StopSignals& signals);

}  // namespace curfew::cli

#endif
