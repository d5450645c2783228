// The trampoline's constants: they stand at its page's end and are read-only once the cell runs. The launcher fills
// them in. Zeros are mapped behind the page, because some processors want to be able to read the whole of an XSAVE area,
// also where its header says that there is nothing in it; the largest today has 11,008 bytes.
#ifndef CURFEW_CELL_PROCESS_X86_64_TRAMPOLINE_H
#define CURFEW_CELL_PROCESS_X86_64_TRAMPOLINE_H

#include "cell/process/shared/address_space.h"
#include "cell/process/shared/launch.h"

// Where nothing lies but what is the launcher's, which is linked to its beginning. A cell drops this part; the launcher itself has
// dropped all that is above the largest heap, where the kernel put its stack and the vdso. Frozen programs lie below.
#define CURFEW_LAUNCHER_LOW 0xc000000
#define CURFEW_LAUNCHER_LOW_LENGTH (CURFEW_TRAMPOLINE_BASE - CURFEW_LAUNCHER_LOW)
#define CURFEW_LAUNCHER_HIGH 0x1100000000
#define CURFEW_LAUNCHER_HIGH_LENGTH (0x7ffffffff000 - CURFEW_LAUNCHER_HIGH)

#define CURFEW_CONSTANTS (CURFEW_TRAMPOLINE_BASE + 0x0c00)
#define CURFEW_CONST_INSTRUCTION (CURFEW_CONSTANTS + 0)
#define CURFEW_CONST_STACK_POINTER (CURFEW_CONSTANTS + 8)
#define CURFEW_CONST_ROBUST (CURFEW_CONSTANTS + 16)
#define CURFEW_CONST_NO_SIGNALS (CURFEW_CONSTANTS + 48)
#define CURFEW_CONST_FS_BASE (CURFEW_CONSTANTS + 56)
#define CURFEW_CONST_XSAVE (CURFEW_CONSTANTS + 64)
#define CURFEW_CONST_CALL_ENTRY (CURFEW_CONSTANTS + 640)

#ifndef __ASSEMBLER__

#include <stddef.h>

namespace curfew::cell {

// As the kernel's struct robust_list_head, with its only entry behind it.
struct RobustList {
    uint64_t first;    // of the entries: points to `entry`
    int64_t offset;    // from an entry to its futex
    uint64_t pending;  // none
    uint64_t entry;    // points back to `first`
};

struct TrampolineConstants {
    uint64_t instruction;
    uint64_t stack_pointer;
    RobustList robust;
    uint64_t no_signals;  // a signal mask: empty
    uint64_t fs_base;
    alignas(64) uint8_t initial_state[576];  // an XSAVE area that holds every register's initial state
    uint64_t call_entry;                     // where a forbidden system call goes on; 0: it ends the cell
};

static_assert(CURFEW_CONSTANTS + offsetof(TrampolineConstants, instruction) == CURFEW_CONST_INSTRUCTION);
static_assert(CURFEW_CONSTANTS + offsetof(TrampolineConstants, stack_pointer) == CURFEW_CONST_STACK_POINTER);
static_assert(CURFEW_LAUNCHER_HIGH >= CURFEW_HEAP_BASE + CURFEW_HEAP_LIMIT);
static_assert(CURFEW_CONSTANTS + offsetof(TrampolineConstants, no_signals) == CURFEW_CONST_NO_SIGNALS);
static_assert(CURFEW_CONSTANTS + offsetof(TrampolineConstants, robust) == CURFEW_CONST_ROBUST);
static_assert(CURFEW_CONSTANTS + offsetof(TrampolineConstants, initial_state) == CURFEW_CONST_XSAVE);
static_assert(CURFEW_CONSTANTS + offsetof(TrampolineConstants, fs_base) == CURFEW_CONST_FS_BASE);
static_assert(CURFEW_CONSTANTS + offsetof(TrampolineConstants, call_entry) == CURFEW_CONST_CALL_ENTRY);
static_assert(0xc00 + sizeof(TrampolineConstants) <= CURFEW_PAGE_SIZE);
static_assert(CURFEW_LAUNCHER_LOW >= wire::kFrozenProgramLimit);

// Of constants that are zero.
inline void set_initial_registers(TrampolineConstants& constants) {
    constants.initial_state[24] = 0x80;  // MXCSR: 0x1f80, all exceptions masked
    constants.initial_state[25] = 0x1f;
}

}  // namespace curfew::cell

#endif
#endif
