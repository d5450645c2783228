#include "observe/spdlog/log_line.h"

#include <algorithm>
#include <cstddef>

#include "base/text.h"
#include "base/utf8.h"

namespace curfew::observe {

namespace {

bool is_plain(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '_' ||
           c == '-';
}

}  // namespace

std::string to_log_line(std::string_view text) {
    constexpr std::size_t kLongest = 8 << 10;
    const std::string_view kept = base::utf8_start(text, kLongest);
    std::string line = base::escaped(kept);
    if (kept.size() < text.size()) line += " ... (" + std::to_string(text.size() - kept.size()) + " more bytes)";
    return line;
}

std::string field(std::string_view name, std::string_view value) {
    constexpr std::size_t kLongest = 1 << 10;
    std::string text = " " + std::string(name) + "=";
    if (!value.empty() && value.size() <= kLongest && std::ranges::all_of(value, is_plain)) {
        return text += value;
    }
    std::string quoted;
    for (const char c : base::utf8_start(value, kLongest)) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    // What it puts in place of control characters is as in JSON.
    return text += '"' + base::escaped(quoted) + '"';
}

}  // namespace curfew::observe
