#include "base/text.h"

#include "base/utf8.h"

namespace curfew::base {

namespace {

// The character that a valid sequence of UTF-8 stands for.
char32_t decode(std::string_view sequence) noexcept {
    const unsigned first = static_cast<unsigned char>(sequence[0]);
    if (sequence.size() == 1) return first;
    char32_t character = first & (0x7FU >> sequence.size());
    for (const char c : sequence.substr(1)) character = character << 6 | (static_cast<unsigned char>(c) & 0x3FU);
    return character;
}

bool must_escape(char32_t c) noexcept {
    return c < 0x20 || (c >= 0x7F && c < 0xA0)                            // control characters
           || c == 0x2028 || c == 0x2029                                  // line and paragraph separators
           || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E)  // direction of text
           || (c >= 0x2066 && c <= 0x2069) || c == 0x061C;
}

void append_escape(std::string& to, char32_t character) {
    if (character == '\n') {
        to += "\\n";
    } else if (character == '\t') {
        to += "\\t";
    } else {
        constexpr std::string_view kDigits = "0123456789abcdef";
        to += "\\u";
        for (int shift = 12; shift >= 0; shift -= 4) to += kDigits[character >> shift & 15];
    }
}

// `also` holds characters that get a backslash before them.
std::string escape(std::string_view text, LineBreaks breaks, std::string_view also) {
    std::string to;
    to.reserve(text.size() + 2);
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) {
            to += "\uFFFD";
            text.remove_prefix(1);
            continue;
        }
        const std::string_view sequence = text.substr(0, length);
        text.remove_prefix(length);
        const char32_t character = decode(sequence);
        const bool kept = breaks == LineBreaks::keep && (character == '\n' || character == '\t');
        if (must_escape(character) && !kept) {
            append_escape(to, character);
            continue;
        }
        if (also.contains(sequence)) to += '\\';
        to += sequence;
    }
    return to;
}

std::string shortened(std::string_view text, std::string_view also) {
    const std::string_view start = utf8_start(text, kLongestShown);
    return escape(start, LineBreaks::escape, also) + (start.size() < text.size() ? "..." : "");
}

}  // namespace

std::string escaped(std::string_view text, LineBreaks breaks) { return escape(text, breaks, ""); }

std::string shown(std::string_view text) { return shortened(text, ""); }

std::string in_quotes(std::string_view text) { return '"' + shortened(text, "\"\\") + '"'; }

std::string hexadecimal(std::span<const std::byte> bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const std::byte byte : bytes) {
        text += kDigits[std::to_integer<unsigned>(byte) >> 4];
        text += kDigits[std::to_integer<unsigned>(byte) & 15];
    }
    return text;
}

}  // namespace curfew::base
