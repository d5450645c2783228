// Text that comes from a cell or a caller, checked.
#ifndef CURFEW_SANDBOX_UTF8_H
#define CURFEW_SANDBOX_UTF8_H

#include <cstddef>
#include <string>
#include <string_view>

namespace curfew::sandbox {

// The length of the longest valid UTF-8 that `text` starts with; text.size() if all of it is valid.
std::size_t valid_utf8_prefix(std::string_view text) noexcept;

inline bool is_utf8(std::string_view text) noexcept { return valid_utf8_prefix(text) == text.size(); }

// The same text with U+FFFD in place of every byte that is not part of valid UTF-8.
std::string to_valid_utf8(std::string text);

}  // namespace curfew::sandbox

#endif
