#include "sandbox/utf8.h"

#include <cstdint>
#include <cstring>

namespace curfew::sandbox {

namespace {

// The length of the valid sequence at the start of `text`, or 0. By table 3-7 of the Unicode standard: no overlong
// forms, no surrogates, nothing above U+10FFFF.
std::size_t sequence_length(std::string_view text) noexcept {
    auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    auto trails = [&](std::size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return trails(1) ? 2 : 0;
    const unsigned second = byte(1);
    if (first >= 0xe0 && first <= 0xef) {
        if (first == 0xe0 && second < 0xa0) return 0;
        if (first == 0xed && second > 0x9f) return 0;
        return trails(1) && trails(2) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        if (first == 0xf0 && second < 0x90) return 0;
        if (first == 0xf4 && second > 0x8f) return 0;
        return trails(1) && trails(2) && trails(3) ? 4 : 0;
    }
    return 0;
}

}  // namespace

std::size_t valid_utf8_prefix(std::string_view text) noexcept {
    std::size_t at = 0;
    while (at < text.size()) {
        if (std::uint64_t eight; text.size() - at >= sizeof eight) {
            std::memcpy(&eight, text.data() + at, sizeof eight);
            if ((eight & 0x8080808080808080) == 0) {
                at += sizeof eight;
                continue;
            }
        }
        const std::size_t length = sequence_length(text.substr(at));
        if (length == 0) return at;
        at += length;
    }
    return at;
}

std::string to_valid_utf8(std::string text) {
    std::size_t valid = valid_utf8_prefix(text);
    if (valid == text.size()) return text;
    std::string fixed;
    for (std::string_view rest = text; !rest.empty(); valid = valid_utf8_prefix(rest)) {
        fixed += rest.substr(0, valid);
        if (valid == rest.size()) break;
        fixed += "\xef\xbf\xbd";
        rest.remove_prefix(valid + 1);
    }
    return fixed;
}

}  // namespace curfew::sandbox
