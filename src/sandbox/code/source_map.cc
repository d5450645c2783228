#include "sandbox/code/source_map.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "base/utf8.h"
#include "sandbox/failure.h"

namespace curfew::sandbox {

namespace {

using Json = nlohmann::json;

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr int kNoDigit = -1;

constexpr std::array<int, 256> kValues = [] {
    std::array<int, 256> values{};
    values.fill(kNoDigit);
    for (std::size_t i = 0; i < kDigits.size(); ++i)
        values[static_cast<unsigned char>(kDigits[i])] = static_cast<int>(i);
    return values;
}();

int value_of(char c) { return kValues[static_cast<unsigned char>(c)]; }

// One number of a mapping. False: it is none, or has more than 32 bits.
bool read_number(std::string_view text, std::size_t& at, std::int64_t& number) {
    std::int64_t bits = 0;
    for (int shift = 0; shift <= 30; shift += 5) {
        if (at >= text.size()) return false;
        const int digit = value_of(text[at++]);
        if (digit == kNoDigit) return false;
        bits |= static_cast<std::int64_t>(digit & 31) << shift;
        if ((digit & 32) == 0) {
            number = (bits & 1) != 0 ? -(bits >> 1) : bits >> 1;
            return true;
        }
    }
    return false;
}

bool is_place(std::int64_t value) { return value >= 0 && value < std::numeric_limits<std::int32_t>::max(); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::unexpected<Error> refuse(std::string why) { return fail(ErrorCode::invalid_argument, std::move(why)); }

std::string joined(const std::string& root, const std::string& source) {
    if (root.empty() || source.starts_with('/') || source.contains("://")) return source;
    return root.ends_with('/') ? root + source : root + '/' + source;
}

}  // namespace

// Lines are separated by semicolons, mappings by commas; each number but a line's first column counts from the last one.
bool SourceMap::add_mappings(std::string_view text) {
    std::int64_t line = 0;
    std::int64_t column = 0;
    std::int64_t source = 0;
    std::int64_t source_line = 0;
    std::int64_t source_column = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == ';') {
            if (!is_place(++line)) return false;
            column = 0;
            ++at;
            continue;
        }
        if (text[at] == ',') {
            ++at;
            continue;
        }
        std::array<std::int64_t, 5> numbers{};
        std::size_t count = 0;
        while (at < text.size() && text[at] != ',' && text[at] != ';') {
            if (count == numbers.size() || !read_number(text, at, numbers[count])) return false;
            ++count;
        }
        column += numbers[0];
        if (!is_place(column) || count == 2 || count == 3) return false;
        if (count == 1) continue;  // code that no source has
        source += numbers[1];
        source_line += numbers[2];
        source_column += numbers[3];
        if (!is_place(source) || static_cast<std::size_t>(source) >= sources_.size() || !is_place(source_line) ||
            !is_place(source_column) || mappings_.size() >= kMostMappings) {
            return false;
        }
        mappings_.push_back({.line = static_cast<std::uint32_t>(line),
                             .column = static_cast<std::uint32_t>(column),
                             .source_line = static_cast<std::uint32_t>(source_line),
                             .source_column = static_cast<std::uint32_t>(source_column),
                             .source = static_cast<std::uint32_t>(source)});
    }
    std::ranges::stable_sort(mappings_, {}, [](const Mapping& one) { return std::pair(one.line, one.column); });
    return true;
}

Result<SourceMap> SourceMap::parse(std::string_view json) {
    if (json.size() > kLargest) return refuse("it has more than " + std::to_string(kLargest >> 20) + " MiB");
    const Json map = Json::parse(json, nullptr, false);
    if (!map.is_object()) return refuse("it is not a JSON object");
    if (map.contains("sections")) return refuse("it has sections; give one that is flat");
    if (!map.contains("version") || map["version"] != 3) return refuse("it is not of version 3");
    if (!map.contains("sources") || !map["sources"].is_array() || map["sources"].size() > kMostSources) {
        return refuse("it has no list of sources, or one that is too long");
    }
    if (!map.contains("mappings") || !map["mappings"].is_string()) return refuse("it has no mappings");
    std::string root;
    if (map.contains("sourceRoot") && map["sourceRoot"].is_string()) root = map["sourceRoot"].get<std::string>();
    SourceMap made;
    for (const Json& source : map["sources"]) {
        made.sources_.push_back(source.is_string() ? joined(root, source.get<std::string>()) : std::string());
    }
    if (!made.add_mappings(map["mappings"].get_ref<const std::string&>())) {
        return refuse("its mappings make no sense, or there are more than a million");
    }
    return made;
}

std::optional<SourcePlace> SourceMap::find(std::uint32_t line, std::uint32_t column) const {
    if (line == 0 || column == 0) return std::nullopt;
    const std::pair wanted(line - 1, column - 1);
    const auto behind = std::ranges::upper_bound(mappings_, wanted, {},
                                                 [](const Mapping& one) { return std::pair(one.line, one.column); });
    if (behind == mappings_.begin()) return std::nullopt;
    const Mapping& found = *std::prev(behind);
    if (found.line != line - 1 || sources_[found.source].empty()) return std::nullopt;
    return SourcePlace{sources_[found.source], found.source_line + 1, found.source_column + 1};
}

std::optional<std::string> inline_source_map(std::string_view source) {
    constexpr std::string_view kComment = "//# sourceMappingURL=data:application/json";
    constexpr std::string_view kBase64 = ";base64,";
    const std::size_t found = source.rfind(kComment);
    if (found == std::string_view::npos || (found > 0 && source[found - 1] != '\n')) return std::nullopt;
    std::string_view url = source.substr(found + kComment.size());
    url = url.substr(0, url.find_first_of("\r\n"));
    if (source.find_first_not_of(" \t\r\n", found + kComment.size() + url.size()) != std::string_view::npos) {
        return std::nullopt;  // it is not the last comment
    }
    const std::size_t data = url.find(kBase64);
    if (data == std::string_view::npos || url.size() > SourceMap::kLargest / 3 * 4) return std::nullopt;
    url.remove_prefix(data + kBase64.size());
    while (url.ends_with('=') || url.ends_with(' ')) url.remove_suffix(1);
    std::string json;
    json.reserve(url.size() / 4 * 3);
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : url) {
        const int digit = value_of(c);
        if (digit == kNoDigit) return std::nullopt;
        bits = (bits << 6 | static_cast<std::uint32_t>(digit)) & 0xffffff;
        count += 6;
        if (count >= 8) {
            count -= 8;
            json += static_cast<char>(bits >> count & 0xff);
        }
    }
    return json;
}

namespace {

// A place in a text: digits, a colon and digits behind a colon, and the file's name before it.
struct TextPlace {
    std::size_t start;  // of the file's name
    std::size_t end;
    std::string_view file;
    std::uint32_t line;
    std::uint32_t column;
};

bool read_digits(std::string_view text, std::size_t& at, std::uint32_t& number) {
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), number);
    if (error != std::errc() || !is_digit(text[at])) return false;
    at = static_cast<std::size_t>(end - text.data());
    return true;
}

// The place whose first colon is at `colon`. A name begins behind a parenthesis, or behind what frames begin with.
std::optional<TextPlace> place_at(std::string_view text, std::size_t from, std::size_t colon) {
    TextPlace place{};
    std::size_t at = colon + 1;
    if (at >= text.size() || !read_digits(text, at, place.line)) return std::nullopt;
    if (at + 1 >= text.size() || text[at] != ':') return std::nullopt;
    ++at;
    if (!read_digits(text, at, place.column)) return std::nullopt;
    place.end = at;
    const std::string_view before = text.substr(from, colon - from);
    std::size_t start = before.rfind('\n') + 1;  // zero if there is none
    for (const std::string_view mark :
         {std::string_view("("), std::string_view("at "), std::string_view("at async ")}) {
        const std::size_t found = before.rfind(mark);
        if (found != std::string_view::npos && found + mark.size() > start) start = found + mark.size();
    }
    place.start = from + start;
    place.file = text.substr(place.start, colon - place.start);
    return place.file.empty() ? std::nullopt : std::optional(place);
}

}  // namespace

std::string with_source_places(std::string_view text, const SourceMapLookup& map_of) {
    std::string result;
    std::size_t from = 0;
    for (std::size_t colon = text.find(':'); colon != std::string_view::npos; colon = text.find(':', colon + 1)) {
        const auto place = place_at(text, from, colon);
        if (!place) continue;
        const auto map = map_of(place->file);
        const auto source = map ? map->find(place->line, place->column) : std::nullopt;
        if (!source) continue;
        result.append(text.substr(from, place->start - from)).append(source->file);
        result += ':' + std::to_string(source->line) + ':' + std::to_string(source->column);
        from = place->end;
        colon = from - 1;
    }
    return result.append(text.substr(from));
}

}  // namespace curfew::sandbox
