// Says in words why a cell ended.
#ifndef CURFEW_CELL_PROCESS_FAULT_REPORT_H
#define CURFEW_CELL_PROCESS_FAULT_REPORT_H

#include <optional>
#include <string>

#include "cell/memory_image.h"
#include "cell/process/shared/handshake_words.h"
#include "cell/process/shared/launch.h"

namespace curfew::cell {

// `fault` is a copy of what the trampoline (or a hostile guest) left. The sizes of a linked program's memory tell a guard page from
// other addresses.
std::string describe_fault(const Fault& fault, std::optional<MemorySizes> linked);

// Why a cell, or the launcher, could not be made: `error` is an errno.
std::string describe_launch_failure(LaunchStep step, int error);

// True for a fault that says that the cell could not be made, rather than that its guest did something.
inline bool is_launch_failure(const Fault& fault) noexcept { return fault.signal == 0; }

}  // namespace curfew::cell

#endif
