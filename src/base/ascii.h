// Letters of ASCII, whatever the locale is.
#ifndef CURFEW_BASE_ASCII_H
#define CURFEW_BASE_ASCII_H

#include <algorithm>
#include <string>
#include <string_view>

namespace curfew::base {

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

inline std::string lower(std::string_view text) {
    std::string made(text);
    std::ranges::transform(made, made.begin(), [](char c) { return lower(c); });
    return made;
}

inline bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    constexpr auto as_lower = [](char c) { return lower(c); };
    return std::ranges::equal(a, b, {}, as_lower, as_lower);
}

}  // namespace curfew::base

#endif
