#include "engine/node/release.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

namespace curfew::engine {

namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

std::array<unsigned, 3> numbers_of(std::string_view version) noexcept {
    std::array<unsigned, 3> numbers{};
    const char* at = version.data();
    const char* const end = at + version.size();
    for (unsigned& number : numbers) {
        at = std::from_chars(at, end, number).ptr;
        if (at == end || *at != '.') break;
        ++at;
    }
    return numbers;
}

}  // namespace

const NodeRelease& tested_release() noexcept {
    static constexpr NodeRelease kRelease{.version = CURFEW_NODE_TESTED_VERSION,
                                          .integrity = CURFEW_NODE_INTEGRITY,
                                          .program_sha256 = CURFEW_NODE_PROGRAM_SHA256};
    return kRelease;
}

bool is_version(std::string_view text) noexcept {
    constexpr std::size_t kLongest = 64;
    const auto fits = [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '+';
    };
    if (text.empty() || text.size() > kLongest || !is_digit(text.front()) || !std::ranges::all_of(text, fits))
        return false;
    const std::string_view numbers = text.substr(0, text.find_first_of("-+"));
    return std::ranges::count(numbers, '.') == 2 && !numbers.ends_with('.') && !numbers.contains("..") &&
           std::ranges::all_of(numbers, [](char c) { return is_digit(c) || c == '.'; });
}

bool is_older(std::string_view a, std::string_view b) noexcept { return numbers_of(a) < numbers_of(b); }

}  // namespace curfew::engine
