// curfew doctor: says whether handlers can run here, and what to do where they cannot.
#ifndef CURFEW_CLI_DOCTOR_H
#define CURFEW_CLI_DOCTOR_H

#include <chrono>
#include <span>
#include <string>

#include <curfew/error.h>
#include <curfew/machine.h>

#include "cli/console.h"
#include "cli/engine_text.h"
#include "cli/request.h"

namespace curfew::cli {

// How long a cell took that was tried, and what a call of it took once it ran.
struct Trial {
    std::chrono::nanoseconds start;
    std::chrono::nanoseconds call;
};

// Returns the command's exit status.
int doctor(const DoctorOptions& options, Console& console);

// The report in words, a line each, without the last line feed.
std::string describe(const MachineReport& machine, std::span<const EngineReport> engines, const Result<Trial>& trial);

// The same as one JSON object, for programs. Its keys stay what they are; others may join them.
//
//   usable    whether a handler ran
//   kernel    text
//   cpus      how many this process may use
//   wake_up   {same_cpu_us, other_cpu_us, spinning_us}: numbers, or null where there is nothing to measure
//   coarse_time_us  what SideChannels::strict costs a call here: a number, or null where it could not be measured
//   items     [{name, available, required, detail}]
//   engines   as to_json() of an EngineReport (cli/engine_text.h), in an array
//   cell      {start_ns, call_ns} of the one that was tried, or {code, message}
std::string describe_as_json(const MachineReport& machine, std::span<const EngineReport> engines,
                             const Result<Trial>& trial);

}  // namespace curfew::cli

#endif
