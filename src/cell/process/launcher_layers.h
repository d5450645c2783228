// The walls that the launcher puts up for itself, and so for the cells that it forks; see shared/layers.h.
#ifndef CURFEW_CELL_PROCESS_LAUNCHER_LAYERS_H
#define CURFEW_CELL_PROCESS_LAUNCHER_LAYERS_H

#include "cell/process/shared/layers.h"

namespace curfew::cell {

// From now on no file can be opened, no TCP be spoken, and no process outside be signalled, as far as the kernel knows these
// restrictions. REQUIRES: no_new_privs.
LayerState put_up_landlock();

// From now on no load is done before the stores ahead of it whose addresses are not known yet (speculative store bypass), so that
// no guest can read by it what its engine's checks keep from it.
LayerState forbid_store_bypass();

}  // namespace curfew::cell

#endif
