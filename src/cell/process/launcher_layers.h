// The walls that the launcher puts up for itself, and so for the cells that it forks; see shared/layers.h.
#ifndef CURFEW_CELL_PROCESS_LAUNCHER_LAYERS_H
#define CURFEW_CELL_PROCESS_LAUNCHER_LAYERS_H

#include "cell/process/shared/launch.h"
#include "cell/process/shared/layers.h"

namespace curfew::cell {

// From now on no file can be opened, no TCP be spoken, and no process outside be signalled, as far as the kernel knows these
// restrictions. REQUIRES: no_new_privs.
LayerState put_up_landlock();

// From now on no load is done before the stores ahead of it whose addresses are not known yet (speculative store bypass), so that
// no guest can read by it what its engine's checks keep from it.
LayerState forbid_store_bypass();

// What cells can do for themselves here.
LayerState find_branch_barrier();
LayerState find_fixed_code();
LayerState find_sealed_memory();

// In a cell: from now on predictions of indirect branches are its own. An error (-errno) if that does not hold.
long put_up_branch_barrier();

// In a cell whose memory is as it is to stay: no page of it becomes executable any more, and what is not to be written keeps its
// place and protection. Does what was found to be possible, if the guest makes no code; an error (-errno) if it is not.
long fix_memory(const LaunchRequest& request);

}  // namespace curfew::cell

#endif
