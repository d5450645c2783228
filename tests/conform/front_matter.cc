#include "front_matter.h"

#include <algorithm>

namespace curfew::conform {
namespace {

constexpr std::string_view kBlank = " \t";

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return {};
    text = text.substr(first, text.find_last_not_of(kBlank) - first + 1);
    if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front()) {
        text = text.substr(1, text.size() - 2);
    }
    return text;
}

// Lines end with LF, CR or both: some tests are about that.
std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

// The words of "[a, b]", or of the part of it that stands on one line.
void add_words(std::string_view text, std::vector<std::string>& words) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(",[]"), text.size());
        if (const std::string_view word = trimmed(text.substr(0, end)); !word.empty()) words.emplace_back(word);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

// Where the values of a key go that is open: a list, or the mapping of `negative`.
struct Place {
    std::vector<std::string>* list = nullptr;
    Negative* negative = nullptr;
};

Place place_of(std::string_view key, FrontMatter& matter) {
    if (key == "flags") return {&matter.flags, nullptr};
    if (key == "includes") return {&matter.includes, nullptr};
    if (key == "features") return {&matter.features, nullptr};
    if (key == "negative") return {nullptr, &matter.negative.emplace()};
    return {};
}

void add_indented(std::string_view line, Place place) {
    const std::string_view text = trimmed(line);
    if (place.list != nullptr) {
        add_words(text.starts_with("- ") ? text.substr(2) : text, *place.list);
        return;
    }
    if (place.negative == nullptr) return;
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return;
    const std::string_view key = text.substr(0, colon);
    if (key == "phase") place.negative->phase = trimmed(text.substr(colon + 1));
    if (key == "type") place.negative->type = trimmed(text.substr(colon + 1));
}

}  // namespace

bool FrontMatter::has_flag(std::string_view name) const noexcept {
    return std::find(flags.begin(), flags.end(), name) != flags.end();
}

std::optional<FrontMatter> parse_front_matter(std::string_view source) {
    constexpr std::string_view kBegin = "/*---";
    const std::size_t begin = source.find(kBegin);
    if (begin == std::string_view::npos) return std::nullopt;
    const std::size_t end = source.find("---*/", begin);
    if (end == std::string_view::npos) return std::nullopt;

    FrontMatter matter;
    Place place;
    for (const std::string_view line : lines_of(source.substr(begin + kBegin.size(), end - begin - kBegin.size()))) {
        if (trimmed(line).empty()) continue;
        const std::size_t colon = line.find(':');
        if (kBlank.find(line.front()) != std::string_view::npos || line.front() == '-' || line.front() == ']' ||
            colon == std::string_view::npos) {
            add_indented(line, place);
            continue;
        }
        place = place_of(line.substr(0, colon), matter);
        if (place.list != nullptr) add_words(line.substr(colon + 1), *place.list);
    }
    return matter;
}

}  // namespace curfew::conform
