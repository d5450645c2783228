// What the host asks of the processor.
#ifndef CURFEW_CELL_PROCESS_X86_64_PROCESSOR_H
#define CURFEW_CELL_PROCESS_X86_64_PROCESSOR_H

#include <cpuid.h>

namespace curfew::cell {

// Whether the trampoline can bring all registers to their initial state: whether the system has switched XSAVE on.
inline bool can_reset_registers() noexcept {
    constexpr unsigned kOsSavesRegisters = 1U << 27;
    unsigned a = 0, b = 0, features = 0, d = 0;
    return __get_cpuid(1, &a, &b, &features, &d) != 0 && (features & kOsSavesRegisters) != 0;
}

// Between two looks at a word that another CPU is to change.
inline void relax_processor() noexcept { __builtin_ia32_pause(); }

}  // namespace curfew::cell

#endif
