// The parts of <curfew/host/detail/json_value.h>, convert.h and typed_function.h that are no templates.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <optional>
#include <stdexcept>

#include <curfew/host/detail/typed_function.h>
#include <curfew/host/values.h>
#include <curfew/json.h>

#include "base/utf8.h"
#include "sandbox/host/json_tree.h"

namespace curfew::host::detail {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxValues = 100'000;  // of one argument that becomes values of the host; docs/host-functions.md

const Json& behind(JsonValue value) noexcept { return *static_cast<const Json*>(value.node()); }

std::string integer_in(std::int64_t least, std::uint64_t greatest) {
    return "should be an integer from " + std::to_string(least) + " to " + std::to_string(greatest);
}

std::string not_in_range(std::int64_t least, std::uint64_t greatest, std::string_view but_is) {
    return integer_in(least, greatest) + ", but is " + std::string(but_is.substr(0, 32));
}

// An exception's text without the library's label: "[json.exception.out_of_range.403] key 'y' not found".
std::string without_label(std::string_view why) {
    constexpr std::string_view kLabel = "[json.exception.";
    if (!why.starts_with(kLabel)) return std::string(why);
    const std::size_t end = why.find("] ");
    return std::string(end == std::string_view::npos ? why : why.substr(end + 2));
}

// What a value is, with an article. Numbers are named themselves: they are short, and often what is wrong.
std::string kind_of(const Json& value) {
    switch (value.type()) {
        case Json::value_t::null: return "null or undefined";
        case Json::value_t::boolean: return "a boolean";
        case Json::value_t::string: return "a string";
        case Json::value_t::array: return "an array";
        case Json::value_t::object: return "an object";
        default: return value.dump();
    }
}

// The same by its first character, for text that may be large.
std::string kind_of(const Argument& argument) {
    if (argument.value != nullptr && argument.data.empty()) {
        const std::string said = should_be("", *argument.value);
        return said.substr(said.find("but is ") + 7);
    }
    if (argument.is_bytes) return "bytes";
    const char first = argument.data.empty() ? ' ' : argument.data.front();
    switch (first) {
        case 'n': return "null or undefined";
        case 't':
        case 'f': return "a boolean";
        case '"': return "a string";
        case '[': return "an array";
        case '{': return "an object";
        default: break;
    }
    constexpr std::size_t kLongestNumber = 32;
    const bool is_number = argument.data.size() <= kLongestNumber && Json::accept(argument.data);
    return is_number ? std::string(argument.data) : "no JSON";
}

// JSON writes some integers as 1e3 or 2.0. True when the text is a number.
bool read_double(std::string_view text, double& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    // from_chars also takes "inf" and "nan", which are no JSON.
    const bool begins_like_json = !text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'));
    return begins_like_json && error == std::errc() && end == text.data() + text.size() && std::isfinite(number);
}

template <typename Integer>
Converted<Integer> to_integer(const Argument& argument, Integer least, Integer greatest) {
    const std::string_view text = argument.data;
    if (!argument.is_bytes) {
        Integer number{};
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error == std::errc() && end == text.data() + text.size()) {
            if (number >= least && number <= greatest) return number;
            return std::unexpected(not_in_range(static_cast<std::int64_t>(least), greatest, text));
        }
        double real = 0;
        if (read_double(text, real)) {
            if (real != std::trunc(real)) return std::unexpected(should_be("an integer", argument));
            // The bounds as doubles may be one too large, which converting back would not survive.
            constexpr double kExact = 9007199254740992;  // 2^53
            if (std::abs(real) <= kExact && real >= static_cast<double>(least) &&
                real <= static_cast<double>(greatest)) {
                return static_cast<Integer>(real);
            }
            return std::unexpected(not_in_range(static_cast<std::int64_t>(least), greatest, text));
        }
    }
    return std::unexpected(should_be("an integer", argument));
}

template <typename Integer>
Converted<Integer> json_to_integer(JsonValue value, Integer least, Integer greatest) {
    if (!behind(value).is_number()) return std::unexpected(should_be("an integer", value));
    const std::string text = behind(value).dump();
    return to_integer<Integer>({text}, least, greatest);
}

// Whether the nesting of JSON, valid or not, stays within kMaxDepth.
bool is_too_deep(std::string_view text) noexcept {
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > kMaxDepth) return true;
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return false;
}

// The code unit that an escape such as \ud83d stands for, behind its backslash; nothing for another escape.
std::optional<unsigned> escaped_unit(std::string_view escape) noexcept {
    constexpr std::size_t kDigits = 4;
    if (escape.size() <= kDigits || escape[0] != 'u') return std::nullopt;
    unsigned unit = 0;
    const char* const end = escape.data() + 1 + kDigits;
    const auto read = std::from_chars(escape.data() + 1, end, unit, 16);
    if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return unit;
}

// Whether a string in JSON, valid or not, has an escape for half of a surrogate pair without its other half.
bool has_lone_surrogate(std::string_view text) noexcept {
    constexpr std::size_t kEscape = 6;  // \ud83d
    for (std::size_t at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at)) {
        const auto unit = escaped_unit(text.substr(at + 1));
        if (!unit || (*unit & 0xf800U) != 0xd800U) {
            at += 2;
            continue;
        }
        if ((*unit & 0x400U) != 0) return true;
        const std::string_view behind = text.substr(at + kEscape);
        const auto other = behind.starts_with('\\') ? escaped_unit(behind.substr(1)) : std::nullopt;
        if (!other || (*other & 0xfc00U) != 0xdc00U) return true;
        at += 2 * kEscape;
    }
    return false;
}

// How many values JSON has, the whole included; of what is no JSON, some number that is no larger than its bytes.
std::size_t count_values(std::string_view text) noexcept {
    std::size_t values = 1;
    bool in_string = false;
    bool was_opened = false;  // by the character before, but for blanks
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
            continue;
        }
        if (c == ' ' || c == '\n' || c == '\t' || c == '\r') continue;
        const bool opens = c == '[' || c == '{';
        const bool closes = c == ']' || c == '}';
        if (opens || c == ',') ++values;
        if (closes && was_opened) --values;
        was_opened = opens;
        in_string = c == '"';
    }
    return values;
}

// A string without escapes is its own text.
bool is_plain(std::string_view text) noexcept {
    return std::ranges::none_of(text,
                                [](char c) { return c == '\\' || c == '"' || static_cast<unsigned char>(c) < ' '; });
}

}  // namespace

bool JsonValue::is_null() const noexcept { return behind(*this).is_null(); }
bool JsonValue::is_array() const noexcept { return behind(*this).is_array(); }
bool JsonValue::is_object() const noexcept { return behind(*this).is_object(); }

std::vector<JsonValue> JsonValue::items() const {
    std::vector<JsonValue> items;
    items.reserve(behind(*this).size());
    for (const Json& each : behind(*this)) items.emplace_back(&each);
    return items;
}

std::vector<JsonMember> JsonValue::members() const {
    std::vector<JsonMember> members;
    members.reserve(behind(*this).size());
    for (const auto& [key, each] : behind(*this).get_ref<const Json::object_t&>()) {
        members.push_back({key, JsonValue(&each)});
    }
    return members;
}

void look_behind(JsonValue value, const Json*& found) noexcept { found = &behind(value); }

std::string should_be(std::string_view expected, JsonValue but_is) {
    return "should be " + std::string(expected) + ", but is " + kind_of(behind(but_is));
}

std::string should_be(std::string_view expected, const Argument& but_is) {
    return "should be " + std::string(expected) + ", but is " + kind_of(but_is);
}

// Guests are told what is wrong with their value, not what the host's type or the library is called.
std::string cannot_become(std::string_view /*type*/, const char* why) {
    return "does not have the form that is wanted: " + without_label(why);
}

Converted<void> check_json(std::string_view text) {
    if (!base::is_utf8(text)) return std::unexpected("is not UTF-8");
    if (is_too_deep(text)) {
        return std::unexpected("is nested deeper than " + std::to_string(kMaxDepth) + " levels");
    }
    if (has_lone_surrogate(text)) {
        return std::unexpected(
            "has a string with half of a surrogate pair, which is no text; toWellFormed() repairs it");
    }
    return {};
}

Converted<JsonDocument> parse(const Argument& argument) {
    if (argument.value != nullptr && argument.data.empty()) {
        auto json = json_of(*argument.value);
        if (!json) return std::unexpected(std::move(json.error()));
        return parse(Argument{.data = *json});
    }
    if (argument.is_bytes) return std::unexpected("should be JSON, but is bytes");
    if (auto checked = check_json(argument.data); !checked) return std::unexpected(std::move(checked.error()));
    // A value takes some bytes as text, and up to two hundred in memory.
    if (argument.data.size() > kMaxValues && count_values(argument.data) > kMaxValues) {
        return std::unexpected("has more than " + std::to_string(kMaxValues) +
                               " values; pass them as bytes, or let the function take JSON as text (add_raw)");
    }
    try {
        const auto tree = std::make_shared<const sandbox::JsonTree>(argument.data);
        return JsonDocument(std::shared_ptr<const Json>(tree, &tree->root()));
    } catch (const Json::exception& error) {
        return std::unexpected("is not JSON that can be read: " + without_label(error.what()));
    }
}

Converted<bool> to_bool(const Argument& argument) {
    if (!argument.is_bytes && argument.data == "true") return true;
    if (!argument.is_bytes && argument.data == "false") return false;
    return std::unexpected(should_be("a boolean", argument));
}

Converted<double> to_number(const Argument& argument) {
    double number = 0;
    if (!argument.is_bytes && read_double(argument.data, number)) return number;
    return std::unexpected(should_be("a number", argument));
}

Converted<std::string> to_text(const Argument& argument) {
    const std::string_view text = argument.data;
    const bool in_quotes = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    if (argument.is_bytes || !in_quotes) return std::unexpected(should_be("a string", argument));
    const std::string_view inside = text.substr(1, text.size() - 2);
    if (is_plain(inside)) {
        if (!base::is_utf8(inside)) return std::unexpected("is not UTF-8");
        return std::string(inside);
    }
    auto document = parse(argument);
    if (!document) return std::unexpected(std::move(document.error()));
    return to_text(document->root());
}

Converted<bool> to_bool(JsonValue value) {
    if (!behind(value).is_boolean()) return std::unexpected(should_be("a boolean", value));
    return behind(value).get<bool>();
}

Converted<double> to_number(JsonValue value) {
    if (!behind(value).is_number()) return std::unexpected(should_be("a number", value));
    return behind(value).get<double>();
}

Converted<std::string> to_text(JsonValue value) {
    if (!behind(value).is_string()) return std::unexpected(should_be("a string", value));
    return behind(value).get<std::string>();
}

Converted<std::int64_t> to_signed(const Argument& argument, std::int64_t least, std::int64_t greatest) {
    return to_integer(argument, least, greatest);
}
Converted<std::uint64_t> to_unsigned(const Argument& argument, std::uint64_t greatest) {
    return to_integer(argument, std::uint64_t{0}, greatest);
}
Converted<std::int64_t> to_signed(JsonValue value, std::int64_t least, std::int64_t greatest) {
    return json_to_integer(value, least, greatest);
}
Converted<std::uint64_t> to_unsigned(JsonValue value, std::uint64_t greatest) {
    return json_to_integer(value, std::uint64_t{0}, greatest);
}

namespace {

template <typename Number>
void append_digits(std::string& json, Number number) {
    char digits[32];
    const auto [end, error] = std::to_chars(std::begin(digits), std::end(digits), number);
    json.append(digits, end);
}

// For text that is UTF-8.
void append_quoted(std::string& json, std::string_view text) {
    if (!is_plain(text)) {
        json += Json(text).dump();
        return;
    }
    json.reserve(json.size() + text.size() + 2);
    json += '"';
    json += text;
    json += '"';
}

}  // namespace

void refuse_result(const char* why) {
    throw std::runtime_error("what it returned cannot be turned into JSON: " + without_label(why));
}

void append_number(std::string& json, double number) {
    if (std::isfinite(number)) {
        append_digits(json, number);
    } else {
        json += "null";
    }
}
void append_integer(std::string& json, std::int64_t number) { append_digits(json, number); }
void append_integer(std::string& json, std::uint64_t number) { append_digits(json, number); }

void append_text(std::string& json, std::string_view text) {
    try {
        if (base::is_utf8(text)) {
            append_quoted(json, text);
        } else {
            json += Json(text).dump();  // throws, and says which byte is wrong
        }
    } catch (const Json::exception& error) {
        refuse_result(error.what());
    }
}

Outcome number_result(double number) {
    Outcome outcome;
    append_number(outcome.text, number);
    return outcome;
}
Outcome integer_result(std::int64_t number) {
    Outcome outcome;
    append_integer(outcome.text, number);
    return outcome;
}
Outcome integer_result(std::uint64_t number) {
    Outcome outcome;
    append_integer(outcome.text, number);
    return outcome;
}
Outcome text_result(std::string_view text) {
    if (!base::is_utf8(text)) return failed("the text that it returned is not UTF-8");
    Outcome outcome;
    append_quoted(outcome.text, text);
    return outcome;
}

}  // namespace curfew::host::detail
