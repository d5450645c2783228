// Which walls cells have behind the first one on this machine, in words.
#ifndef CURFEW_CELL_PROCESS_LAYERS_H
#define CURFEW_CELL_PROCESS_LAYERS_H

#include <vector>

#include <curfew/error.h>
#include <curfew/isolation.h>

#include "cell/process/requirements.h"
#include "cell/process/shared/layers.h"

namespace curfew::cell {

std::vector<Requirement> describe_layers(const LayerStates& states);

// Asks the launcher, and starts it first if there is none. None of them is required.
std::vector<Requirement> process_layers();

// Whether a cell whose host wants that is to put up a barrier for its branch predictions. Fails with `unavailable` where one is
// required and there is none.
Result<bool> puts_up_branch_barrier(BranchBarrier wanted);

}  // namespace curfew::cell

#endif
