// The rule for names that a program gives to what others then ask for by name: handlers, host modules and functions.
#ifndef CURFEW_BASE_NAME_H
#define CURFEW_BASE_NAME_H

#include <cstddef>
#include <string_view>

#include <curfew/error.h>

namespace curfew::base {

inline constexpr std::size_t kLongestName = 255;

// Names are UTF-8 of 1 to 255 bytes without NUL.
bool is_name(std::string_view text) noexcept;

// The same with a reason. The error, `invalid_argument`, says what is wrong with "the name of
// WHAT"; `what` is, for example, "a handler".
Result<void> check_name(std::string_view what, std::string_view name);

}  // namespace curfew::base

#endif
