// How far isolation goes where more of it costs every call. docs/security.md says what each keeps from whom.
#ifndef CURFEW_ISOLATION_H
#define CURFEW_ISOLATION_H

#include <curfew/language.h>

namespace curfew {

// What handlers have to measure with. Whoever takes over the engine's native code can learn by a fine clock what others on the
// same machine do: which pages and cache lines they use. Ordered: what comes later is stricter.
enum class SideChannels {
    // The machine's clocks and the processor's time-stamp counter. JavaScript itself has clocks that step: Date by 1 ms,
    // performance.now() by 0.125 ms.
    basic,

    // Clocks that step with the kernel's tick (1 to 10 ms), and no time-stamp counter. Taking that away costs nothing to 10 us
    // for each time that a cell gets the turn, by machine: `curfew doctor` measures it.
    strict,
};

// What a restore leaves. Either way nothing that was in memory, registers or mailbox can be read afterwards. Ordered likewise.
enum class RestoreMode {
    // Puts back the content of the pages that were written. Which pages these were shows in the time that the next writes to
    // them take.
    fast,

    // Drops all of the guest's pages, also those that were only read, so that nothing shows; and does it before restore()
    // returns. The next call takes a page fault for each page that it uses, as in a new sandbox.
    strict,
};

// Whether predictions of indirect branches are kept apart: those that others have trained have no effect in the cell, and the cell's
// have none in others (the kernel's PR_SPEC_INDIRECT_BRANCH: an IBPB at each change between the cell and another process, STIBP
// while it runs). Where the processor is not affected by such predictions, each of these means the same, and costs nothing.
// `curfew doctor` says what the machine offers. Ordered likewise.
enum class BranchBarrier {
    none,
    where_possible,  // where processor and kernel offer it; elsewhere cells do without
    required,        // where they do not, there are no cells: ErrorCode::unavailable
};

}  // namespace curfew

#endif
