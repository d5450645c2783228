// Walls behind the first one, the system call filter: what a cell could not do even if the filter, or the kernel behind a
// call that it allows, had a flaw. The launcher puts up those that the machine allows, and cells inherit them. None is needed
// for a cell to be made.
#ifndef CURFEW_CELL_PROCESS_SHARED_LAYERS_H
#define CURFEW_CELL_PROCESS_SHARED_LAYERS_H

#include <stdint.h>

namespace curfew::cell {

enum class Layer : uint32_t {
    landlock,      // detail: the version of the kernel's interface
    store_bypass,  // no speculation past stores; detail: what the kernel says, PR_SPEC_*
    branch_barrier,  // that cells which ask for it can have predictions of indirect branches of their own; detail: likewise
    own_user,  // kCellUser. Without an error: the host has not got the rights over its cells that it would need then
    user_namespace,
    empty_root,  // in a mount namespace
    network,     // these three are namespaces as well
    ipc,
    pids,
    fixed_code,  // these two are put up by each cell, if its image makes no code
    sealed_memory,
};
inline constexpr uint32_t kLayers = 11;

// Of cells whose host is root. In no range that distributions use or give away, and among the 65,536 of most containers.
inline constexpr uint32_t kCellUser = 61000;

struct LayerState {
    enum Kind : uint32_t {
        absent,  // `error` says why
        on,      // the launcher has seen that it holds
        unneeded,
    };
    Kind kind;
    int32_t error;  // errno; 0: it was put up, and does not hold, if nothing else is said of it
    uint32_t detail;
};

// What the launcher sends after its first reply, if that had no error.
struct LayerStates {
    LayerState of[kLayers];

    LayerState& operator[](Layer layer) { return of[static_cast<uint32_t>(layer)]; }
    const LayerState& operator[](Layer layer) const { return of[static_cast<uint32_t>(layer)]; }
};

}  // namespace curfew::cell

#endif
