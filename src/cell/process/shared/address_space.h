// What the process back end adds to the layout of a cell's address space (wire/layout.h). Also read by the assembler.
//
//   0x1000'0000  trampoline: a page of code and constants (r-x), the hypercall first, and zeros behind it (r--)
//   0x1002'0000  the trampoline's signal stack (rw-)
//   0x20'0000'0000 above data, stack and heap: what they held when the cell started, as far as that was not zero (r--)
#ifndef CURFEW_CELL_PROCESS_SHARED_ADDRESS_SPACE_H
#define CURFEW_CELL_PROCESS_SHARED_ADDRESS_SPACE_H

#include "wire/layout.h"

#define CURFEW_TRAMPOLINE_BASE CURFEW_BACK_END_BASE
#define CURFEW_TRAMPOLINE_SIZE 0x8000
#define CURFEW_SIGNAL_STACK_BASE 0x10020000
#define CURFEW_SIGNAL_STACK_SIZE 0x10000
#define CURFEW_PRISTINE_OFFSET 0x2000000000

#ifndef __ASSEMBLER__

namespace curfew::cell {

inline constexpr uint64_t kTrampolineBase = CURFEW_TRAMPOLINE_BASE;
inline constexpr uint64_t kTrampolineSize = CURFEW_TRAMPOLINE_SIZE;
inline constexpr uint64_t kSignalStackBase = CURFEW_SIGNAL_STACK_BASE;
inline constexpr uint64_t kSignalStackSize = CURFEW_SIGNAL_STACK_SIZE;

// From a piece of data, stack or heap to its state at the cell's start, from which a reset copies.
inline constexpr uint64_t kPristineOffset = CURFEW_PRISTINE_OFFSET;

static_assert(kTrampolineBase == wire::kHypercallEntry);
static_assert(kTrampolineBase + kTrampolineSize < kSignalStackBase);
static_assert(kSignalStackBase + kSignalStackSize < wire::kBackEndBase + wire::kBackEndSize);
static_assert(wire::kHeapBase + wire::kMaxHeapSize <= kPristineOffset);

}  // namespace curfew::cell

#endif
#endif
