// Takes what the launcher and its cells can name away from them: users, files, networks, other processes.
#ifndef CURFEW_CELL_PROCESS_LAUNCHER_NAMESPACES_H
#define CURFEW_CELL_PROCESS_LAUNCHER_NAMESPACES_H

#include "cell/process/shared/launch.h"
#include "cell/process/shared/layers.h"

namespace curfew::cell {

// Each as far as the machine lets it; says in `layers` how far. The launcher itself keeps its pid, so that its host knows it and
// its cells by the same pids as it does. REQUIRES: the launcher has not given up its capabilities yet, and is not restricted
// by Landlock, which forbids mounts.
void enter_namespaces(const LaunchSettings& settings, LayerStates& layers);

// Cells' pids are in a namespace that ends with its first process. A descriptor that becomes readable when that is gone, so that
// no cells can be made any more; negative: there is no such namespace.
int pid_keeper();

// What getppid() gives in a fork of the launcher, while that lives.
long parent_seen_by_cells();

}  // namespace curfew::cell

#endif
