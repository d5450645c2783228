// UTF-8, as the Unicode standard has it (table 3-7): no overlong forms, no surrogates, nothing above U+10FFFF.
#ifndef CURFEW_BASE_UTF8_H
#define CURFEW_BASE_UTF8_H

#include <cstddef>
#include <string>
#include <string_view>

namespace curfew::base {

// The length of the character that the text starts with, or 0 if it starts with no valid one.
constexpr std::size_t utf8_length(std::string_view text) noexcept {
    if (text.empty()) return 0;
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const auto trails = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const unsigned first = byte(0);
    const unsigned second = byte(1);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return trails(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const bool overlong = first == 0xE0 && second < 0xA0;
        const bool surrogate = first == 0xED && second > 0x9F;
        return trails(1) && trails(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const bool overlong = first == 0xF0 && second < 0x90;
        const bool beyond = first == 0xF4 && second > 0x8F;
        return trails(1) && trails(2) && trails(3) && !overlong && !beyond ? 4 : 0;
    }
    return 0;
}

// The length of the longest valid UTF-8 that the text starts with; text.size() if all of it is valid.
std::size_t valid_utf8_prefix(std::string_view text) noexcept;

inline bool is_utf8(std::string_view text) noexcept { return valid_utf8_prefix(text) == text.size(); }

// The same text with U+FFFD in place of every byte that is not part of valid UTF-8.
std::string to_valid_utf8(std::string text);

// The text's first `most` bytes, or up to three less so that no character is cut in two. What is not UTF-8 stays so.
std::string_view utf8_start(std::string_view text, std::size_t most) noexcept;

}  // namespace curfew::base

#endif
