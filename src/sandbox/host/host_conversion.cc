// The parts of <curfew/host/detail/convert.h> and typed_function.h that are no templates.
#include <cxxabi.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <memory>

#include <curfew/host/detail/typed_function.h>

#include "sandbox/utf8.h"

namespace curfew::host::detail {

namespace {

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

std::string integer_in(std::int64_t least, std::uint64_t greatest) {
    return "should be an integer from " + std::to_string(least) + " to " + std::to_string(greatest);
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
Converted<Integer> json_to_integer(const Json& value, Integer least, Integer greatest) {
    if (!value.is_number()) return std::unexpected(should_be("an integer", value));
    const std::string text = value.dump();
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

// A string without escapes is its own text.
bool is_plain(std::string_view text) noexcept {
    return std::ranges::none_of(text,
                                [](char c) { return c == '\\' || c == '"' || static_cast<unsigned char>(c) < ' '; });
}

}  // namespace

std::string should_be(std::string_view expected, const Json& but_is) {
    return "should be " + std::string(expected) + ", but is " + kind_of(but_is);
}

std::string should_be(std::string_view expected, const Argument& but_is) {
    return "should be " + std::string(expected) + ", but is " + kind_of(but_is);
}

std::string not_in_range(std::int64_t least, std::uint64_t greatest, std::string_view but_is) {
    return integer_in(least, greatest) + ", but is " + std::string(but_is.substr(0, 32));
}

std::string cannot_become(std::string_view type, const char* why) {
    return "cannot become " + std::string(type) + ": " + why;
}

std::string wrong_count(std::size_t least, std::size_t most, std::size_t count) {
    std::string takes = std::to_string(most);
    if (least != most) takes = std::to_string(least) + " to " + takes;
    return "takes " + takes + (takes == "1" ? " argument" : " arguments") + ", but was called with " +
           std::to_string(count);
}

Converted<void> check_json(std::string_view text) {
    if (!sandbox::is_utf8(text)) return std::unexpected("is not UTF-8");
    if (is_too_deep(text)) {
        return std::unexpected("is nested deeper than " + std::to_string(kMaxDepth) + " levels");
    }
    return {};
}

Converted<Json> parse(const Argument& argument) {
    if (argument.is_bytes) return std::unexpected("should be JSON, but is bytes");
    if (auto checked = check_json(argument.data); !checked) return std::unexpected(std::move(checked.error()));
    try {
        return Json::parse(argument.data);
    } catch (const Json::exception& error) {
        return std::unexpected(std::string("is not JSON that can be read: ") + error.what());
    }
}

Outcome join(std::span<const Argument> arguments, std::string& array) {
    std::size_t size = 2;
    for (const Argument& argument : arguments) size += argument.data.size() + 1;
    array.reserve(size);
    array += '[';
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const Argument& argument = arguments[i];
        std::string wrong;
        if (argument.is_bytes) {
            wrong = "should be JSON, but is bytes";
        } else if (auto checked = check_json(argument.data); !checked) {
            wrong = std::move(checked.error());
        } else if (!Json::accept(argument.data)) {
            wrong = "is not JSON that can be read";
        }
        if (!wrong.empty()) {
            return {Outcome::Kind::bad_arguments, "argument " + std::to_string(i + 1) + " " + wrong};
        }
        if (i > 0) array += ',';
        array += argument.data;
    }
    array += ']';
    return {};
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
        if (!sandbox::is_utf8(inside)) return std::unexpected("is not UTF-8");
        return std::string(inside);
    }
    auto value = parse(argument);
    if (!value) return std::unexpected(std::move(value.error()));
    return std::move(value->get_ref<std::string&>());
}

Converted<std::int64_t> to_signed(const Argument& argument, std::int64_t least, std::int64_t greatest) {
    return to_integer(argument, least, greatest);
}
Converted<std::uint64_t> to_unsigned(const Argument& argument, std::uint64_t greatest) {
    return to_integer(argument, std::uint64_t{0}, greatest);
}
Converted<std::int64_t> to_signed(const Json& value, std::int64_t least, std::int64_t greatest) {
    return json_to_integer(value, least, greatest);
}
Converted<std::uint64_t> to_unsigned(const Json& value, std::uint64_t greatest) {
    return json_to_integer(value, std::uint64_t{0}, greatest);
}

namespace {

template <typename Number>
Outcome number_text(Number number) {
    char digits[32];
    const auto [end, error] = std::to_chars(std::begin(digits), std::end(digits), number);
    return {Outcome::Kind::json, std::string(digits, end)};
}

}  // namespace

Outcome number_result(double number) {
    if (!std::isfinite(number)) return {Outcome::Kind::json, "null"};
    return number_text(number);
}
Outcome integer_result(std::int64_t number) { return number_text(number); }
Outcome integer_result(std::uint64_t number) { return number_text(number); }

Outcome text_result(std::string_view text) {
    if (!sandbox::is_utf8(text)) return failed("the text that it returned is not UTF-8");
    if (!is_plain(text)) return {Outcome::Kind::json, Json(text).dump()};
    std::string quoted;
    quoted.reserve(text.size() + 2);
    quoted += '"';
    quoted += text;
    quoted += '"';
    return {Outcome::Kind::json, std::move(quoted)};
}

Outcome json_result(const Json& value) { return {Outcome::Kind::json, value.dump()}; }

std::string name_of(const std::type_info& type) {
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status),
                                                           &std::free);
    return name ? name.get() : type.name();
}

}  // namespace curfew::host::detail
