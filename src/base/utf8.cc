#include "base/utf8.h"

#include <cstdint>
#include <cstring>

namespace curfew::base {

std::size_t valid_utf8_prefix(std::string_view text) noexcept {
    std::size_t at = 0;
    while (at < text.size()) {
        if (std::uint64_t eight = 0; text.size() - at >= sizeof eight) {
            std::memcpy(&eight, text.data() + at, sizeof eight);
            if ((eight & 0x8080808080808080) == 0) {
                at += sizeof eight;
                continue;
            }
        }
        const std::size_t length = utf8_length(text.substr(at));
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

std::string_view utf8_start(std::string_view text, std::size_t most) noexcept {
    if (text.size() <= most) return text;
    std::string_view start = text.substr(0, most);
    constexpr unsigned kMostTrailing = 3;
    for (unsigned i = 0; i < kMostTrailing && !start.empty(); ++i) {
        if ((static_cast<unsigned char>(text[start.size()]) & 0xC0U) != 0x80U) break;
        start.remove_suffix(1);
    }
    return start;
}

}  // namespace curfew::base
