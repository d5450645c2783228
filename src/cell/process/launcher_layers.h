// The walls that the launcher puts up for itself, and so for the cells that it forks; see shared/layers.h.
#ifndef CURFEW_CELL_PROCESS_LAUNCHER_LAYERS_H
#define CURFEW_CELL_PROCESS_LAUNCHER_LAYERS_H

#include "cell/process/shared/layers.h"

namespace curfew::cell {

// From now on no file can be opened, no TCP be spoken, and no process outside be signalled, as far as the kernel knows these
// restrictions. REQUIRES: no_new_privs.
LayerState put_up_landlock();

}  // namespace curfew::cell

#endif
