// How a fork of the launcher becomes a cell.
#ifndef CURFEW_CELL_PROCESS_CELL_SETUP_H
#define CURFEW_CELL_PROCESS_CELL_SETUP_H

#include "cell/process/shared/launch.h"

namespace curfew::cell {

// The part that is the same for all cells.
void prepare_cell(long launcher_pid);

// The rest. `descriptors` are of the image, the state and the mailbox. A failure, also one of the first part, is reported
// in the mailbox.
[[noreturn]] void become_cell(const LaunchRequest& request, const int (&descriptors)[3]);

}  // namespace curfew::cell

#endif
