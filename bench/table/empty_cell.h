// A cell with the empty guest in it, and the least that a call of a guest can cost.
#ifndef CURFEW_BENCH_TABLE_EMPTY_CELL_H
#define CURFEW_BENCH_TABLE_EMPTY_CELL_H

#include <memory>

#include <curfew/error.h>

#include "cell/cell.h"

namespace curfew::bench {

Result<std::unique_ptr<cell::Cell>> make_empty_cell(cell::Handover handover);

// Gives the guest the turn, and gets it back.
Result<void> call_empty(cell::Cell& cell);

}  // namespace curfew::bench

#endif
