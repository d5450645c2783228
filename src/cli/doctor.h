// curfew doctor: says whether handlers can run here, and what to do where they cannot.
#ifndef CURFEW_CLI_DOCTOR_H
#define CURFEW_CLI_DOCTOR_H

#include <chrono>
#include <span>
#include <string>

#include <curfew/engine.h>
#include <curfew/error.h>
#include <curfew/machine.h>

#include "cli/console.h"

namespace curfew::cli {

// How long a cell took that was tried, and what a call of it took once it ran.
struct Trial {
    std::chrono::nanoseconds start;
    std::chrono::nanoseconds call;
};

// Returns the command's exit status.
int doctor(Console& console);

// The report in words, a line each, without the last line feed.
std::string describe(const MachineReport& machine, std::span<const EngineInfo> engines, const Result<Trial>& trial);

}  // namespace curfew::cli

#endif
