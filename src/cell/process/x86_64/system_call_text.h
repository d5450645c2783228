// How a system call and the entry that it was made by are written.
#ifndef CURFEW_CELL_PROCESS_X86_64_SYSTEM_CALL_TEXT_H
#define CURFEW_CELL_PROCESS_X86_64_SYSTEM_CALL_TEXT_H

#include <linux/audit.h>

#include <cstdint>
#include <string>

namespace curfew::cell {

// Of a call's number and architecture, as the kernel gives them to a handler of SIGSYS.
inline std::string system_call_text(std::uint32_t number, std::uint32_t architecture) {
    constexpr std::uint32_t kX32Bit = 0x40000000;
    if (architecture != AUDIT_ARCH_X86_64) return "32-bit system call " + std::to_string(number);
    if ((number & kX32Bit) != 0 && number != ~std::uint32_t{0}) {
        return "x32 system call " + std::to_string(number & ~kX32Bit);
    }
    return "system call " + std::to_string(number);
}

}  // namespace curfew::cell

#endif
