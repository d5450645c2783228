#include "cli/terminal_text.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "cli/utf8.h"

namespace curfew::cli {
namespace {

// The control character that a UTF-8 sequence is, or zero; line feeds and tabs do not count.
unsigned control_character(std::string_view sequence) {
    const auto first = static_cast<std::uint8_t>(sequence[0]);
    if (sequence.size() == 1) return (first < 0x20 && first != '\n' && first != '\t') || first == 0x7F ? first : 0;
    const auto second = static_cast<std::uint8_t>(sequence[1]);
    return first == 0xC2 && second < 0xA0 ? second : 0;
}

std::string escape(unsigned character) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    return {'\\', 'u', '0', '0', kDigits[character >> 4], kDigits[character & 15]};
}

}  // namespace

std::string for_terminal(std::string_view text) {
    std::string shown;
    shown.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) {
            shown += "\uFFFD";
            text.remove_prefix(1);
            continue;
        }
        const std::string_view sequence = text.substr(0, length);
        // A NUL is a control character too, and the only one whose number is zero.
        if (const unsigned character = control_character(sequence); character != 0 || sequence[0] == '\0') {
            shown += escape(character);
        } else {
            shown += sequence;
        }
        text.remove_prefix(length);
    }
    return shown;
}

}  // namespace curfew::cli
