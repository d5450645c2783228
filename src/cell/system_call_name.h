// The names of system calls, and of their errors.
#ifndef CURFEW_CELL_SYSTEM_CALL_NAME_H
#define CURFEW_CELL_SYSTEM_CALL_NAME_H

#include <cstdint>
#include <string_view>

namespace curfew::cell {

// "openat"; empty for a number that the headers of the build do not know.
std::string_view system_call_name(std::uint32_t number) noexcept;

// "EPERM"; empty for a number that is no errno.
std::string_view error_name(std::uint32_t error) noexcept;

}  // namespace curfew::cell

#endif
