// How a fork of the launcher becomes a cell.
#ifndef CURFEW_CELL_PROCESS_CELL_SETUP_H
#define CURFEW_CELL_PROCESS_CELL_SETUP_H

#include "cell/process/shared/address_space.h"
#include "cell/process/shared/launch.h"

extern "C" {
extern const unsigned char trampoline[], trampoline_end[], trampoline_finish[], trampoline_handler[],
    trampoline_resume[], trampoline_waited[], trampoline_fine_clock[], trampoline_fine_time[],
    trampoline_coarse_clock[];
}

namespace curfew::cell {

// Where a symbol of the trampoline lies in a cell.
inline uint64_t in_trampoline(const unsigned char* symbol) {
    return kTrampolineBase + static_cast<uint64_t>(symbol - trampoline);
}

// The part that is the same for all cells. `parent` is what getppid() gives while the launcher lives.
void prepare_cell(long parent);

// The rest. `descriptors` are those that came with the request. A failure, also one of the first part, is reported
// in the mailbox.
[[noreturn]] void become_cell(const LaunchRequest& request, const int (&descriptors)[kLaunchFiles]);

}  // namespace curfew::cell

#endif
