// What the process back end adds to the layout of a cell's address space (wire/layout.h). Also read by the assembler.
//
//   0x1000'0000  trampoline: a page of code and constants (r-x), the hypercall first, and zeros behind it (r--)
//   0x1002'0000  the trampoline's signal stack (rw-)
//   0x20'0000'0000 the files that the guest's writable memory comes from: the image's, the program's and the saved state's (r--)
#ifndef CURFEW_CELL_PROCESS_SHARED_ADDRESS_SPACE_H
#define CURFEW_CELL_PROCESS_SHARED_ADDRESS_SPACE_H

#include "wire/layout.h"

#ifndef __ASSEMBLER__
#include "wire/frozen_image.h"
#endif

#define CURFEW_TRAMPOLINE_BASE CURFEW_BACK_END_BASE
#define CURFEW_TRAMPOLINE_SIZE 0x8000
#define CURFEW_SIGNAL_STACK_BASE 0x10020000
#define CURFEW_SIGNAL_STACK_SIZE 0x10000

#ifndef __ASSEMBLER__

namespace curfew::cell {

inline constexpr uint64_t kTrampolineBase = CURFEW_TRAMPOLINE_BASE;
inline constexpr uint64_t kTrampolineSize = CURFEW_TRAMPOLINE_SIZE;
inline constexpr uint64_t kSignalStackBase = CURFEW_SIGNAL_STACK_BASE;
inline constexpr uint64_t kSignalStackSize = CURFEW_SIGNAL_STACK_SIZE;

// From where a reset copies what memory held at the cell's start; what lies at an offset in a file lies so far behind.
inline constexpr uint64_t kPristineImage = 0x2000000000;
inline constexpr uint64_t kPristineProgram = 0x3000000000;
inline constexpr uint64_t kPristineState = 0x4000000000;

// What lies below the launcher is dropped in steps of so many bytes at most: the filter knows two bounds, and not their sum.
inline constexpr uint64_t kLargestLowDrop = 64 << 20;

static_assert(wire::kFrozenProgramLimit + kLargestLowDrop <= kTrampolineBase);
static_assert(kTrampolineBase == wire::kHypercallEntry);
static_assert(kTrampolineBase + kTrampolineSize < kSignalStackBase);
static_assert(kSignalStackBase + kSignalStackSize < wire::kBackEndBase + wire::kBackEndSize);
static_assert(wire::kHeapBase + wire::kMaxHeapSize <= kPristineImage);
static_assert(kPristineImage >= wire::kFrozenForbiddenBase && kPristineState < wire::kFrozenForbiddenLimit);

}  // namespace curfew::cell

#endif
#endif
