// Values between JSON and C++, with checks that nlohmann-json's own conversions do not make.
#ifndef CURFEW_HOST_DETAIL_CONVERT_H
#define CURFEW_HOST_DETAIL_CONVERT_H

#include <nlohmann/json.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include <curfew/host/detail/function.h>

namespace curfew::host::detail {

// A value, or what is wrong with what came: "should be an integer, but is a string".
template <typename T>
using Converted = std::expected<T, std::string>;

using Json = nlohmann::json;
using Bytes = std::vector<std::byte>;

template <typename T>
concept Integer = std::integral<T> && !std::same_as<T, bool>;

// --- What is not a template ---

std::string should_be(std::string_view expected, const Json& but_is);
std::string should_be(std::string_view expected, const Argument& but_is);
std::string not_in_range(std::int64_t least, std::uint64_t greatest, std::string_view but_is);
std::string cannot_become(std::string_view type, const char* why);

// JSON as a value. Refuses what is not UTF-8, not JSON, or nested deeper than kMaxDepth.
inline constexpr int kMaxDepth = 200;
Converted<Json> parse(const Argument& argument);
Converted<void> check_json(std::string_view text);

Converted<bool> to_bool(const Argument& argument);
Converted<double> to_number(const Argument& argument);
Converted<std::string> to_text(const Argument& argument);
Converted<std::int64_t> to_signed(const Argument& argument, std::int64_t least, std::int64_t greatest);
Converted<std::uint64_t> to_unsigned(const Argument& argument, std::uint64_t greatest);
Converted<std::int64_t> to_signed(const Json& value, std::int64_t least, std::int64_t greatest);
Converted<std::uint64_t> to_unsigned(const Json& value, std::uint64_t greatest);

inline bool is_null(const Argument& argument) { return !argument.is_bytes && argument.data == "null"; }

Outcome number_result(double number);
Outcome integer_result(std::int64_t number);
Outcome integer_result(std::uint64_t number);
Outcome text_result(std::string_view text);
Outcome json_result(const Json& value);
inline Outcome failed(std::string why) { return {Outcome::Kind::failed, std::move(why)}; }

std::string name_of(const std::type_info& type);

// --- Names of types, for signatures ---

template <typename T>
struct TypeName {
    static std::string get() {
        if constexpr (std::same_as<T, bool>) {
            return "boolean";
        } else if constexpr (std::same_as<T, int>) {
            return "int";
        } else if constexpr (Integer<T>) {
            return (std::is_signed_v<T> ? "int" : "uint") + std::to_string(8 * sizeof(T));
        } else if constexpr (std::floating_point<T>) {
            return "number";
        } else if constexpr (std::is_void_v<T>) {
            return "void";
        } else if constexpr (std::convertible_to<T, std::string_view>) {
            return "string";
        } else {
            return name_of(typeid(T));
        }
    }
};
template <>
struct TypeName<Json> {
    static std::string get() { return "any"; }
};
template <>
struct TypeName<Bytes> {
    static std::string get() { return "bytes"; }
};
template <typename T>
struct TypeName<std::optional<T>> {
    static std::string get() { return TypeName<T>::get() + "?"; }
};
template <typename T>
struct TypeName<std::vector<T>> {
    static std::string get() { return TypeName<T>::get() + "[]"; }
};
template <typename T>
struct TypeName<std::map<std::string, T>> {
    static std::string get() { return "{" + TypeName<T>::get() + "}"; }
};

// --- From JSON ---

// The same number as a type that can hold it.
template <typename T, typename U>
Converted<T> narrowed(const Converted<U>& number) {
    if (!number) return std::unexpected(number.error());
    return static_cast<T>(*number);
}

template <typename T>
struct FromJson {
    static Converted<T> convert(const Json& value) {
        if constexpr (std::same_as<T, bool>) {
            if (!value.is_boolean()) return std::unexpected(should_be("a boolean", value));
            return value.get<bool>();
        } else if constexpr (Integer<T>) {
            using Limits = std::numeric_limits<T>;
            if constexpr (std::is_signed_v<T>) {
                return narrowed<T>(to_signed(value, Limits::min(), Limits::max()));
            } else {
                return narrowed<T>(to_unsigned(value, Limits::max()));
            }
        } else if constexpr (std::floating_point<T>) {
            if (!value.is_number()) return std::unexpected(should_be("a number", value));
            return static_cast<T>(value.get<double>());
        } else if constexpr (std::same_as<T, std::string>) {
            if (!value.is_string()) return std::unexpected(should_be("a string", value));
            return value.get<std::string>();
        } else {
            try {
                return value.get<T>();
            } catch (const Json::exception& error) {
                return std::unexpected(cannot_become(TypeName<T>::get(), error.what()));
            }
        }
    }
};
template <typename T>
struct FromJson<std::optional<T>> {
    static Converted<std::optional<T>> convert(const Json& value) {
        if (value.is_null()) return std::optional<T>();
        auto converted = FromJson<T>::convert(value);
        if (!converted) return std::unexpected(std::move(converted.error()));
        return std::optional<T>(std::move(*converted));
    }
};
template <typename T>
struct FromJson<std::vector<T>> {
    static Converted<std::vector<T>> convert(const Json& value) {
        if (!value.is_array()) return std::unexpected(should_be("an array", value));
        std::vector<T> items;
        items.reserve(value.size());
        for (const Json& each : value) {
            auto item = FromJson<T>::convert(each);
            if (!item) return std::unexpected("at index " + std::to_string(items.size()) + " " + item.error());
            items.push_back(std::move(*item));
        }
        return items;
    }
};
template <typename T>
struct FromJson<std::map<std::string, T>> {
    static Converted<std::map<std::string, T>> convert(const Json& value) {
        if (!value.is_object()) return std::unexpected(should_be("an object", value));
        std::map<std::string, T> items;
        for (const auto& [key, each] : value.items()) {
            auto item = FromJson<T>::convert(each);
            if (!item) return std::unexpected("at key \"" + key + "\" " + item.error());
            items.emplace(key, std::move(*item));
        }
        return items;
    }
};

// --- From an argument: without the way through a Json where there is a shorter one ---

template <typename T>
struct FromArgument {
    static Converted<T> convert(const Argument& argument) {
        if constexpr (std::same_as<T, bool>) {
            return to_bool(argument);
        } else if constexpr (Integer<T>) {
            using Limits = std::numeric_limits<T>;
            if constexpr (std::is_signed_v<T>) {
                return narrowed<T>(to_signed(argument, Limits::min(), Limits::max()));
            } else {
                return narrowed<T>(to_unsigned(argument, Limits::max()));
            }
        } else if constexpr (std::floating_point<T>) {
            return narrowed<T>(to_number(argument));
        } else if constexpr (std::same_as<T, std::string>) {
            return to_text(argument);
        } else {
            auto value = parse(argument);
            if (!value) return std::unexpected(std::move(value.error()));
            return FromJson<T>::convert(*value);
        }
    }
};
template <>
struct FromArgument<std::span<const std::byte>> {
    static Converted<std::span<const std::byte>> convert(const Argument& argument) {
        if (!argument.is_bytes) return std::unexpected(should_be("bytes", argument));
        return std::as_bytes(std::span(argument.data));
    }
};
template <>
struct FromArgument<Bytes> {
    static Converted<Bytes> convert(const Argument& argument) {
        auto span = FromArgument<std::span<const std::byte>>::convert(argument);
        if (!span) return std::unexpected(std::move(span.error()));
        return Bytes(span->begin(), span->end());
    }
};
template <typename T>
struct FromArgument<std::optional<T>> {
    static Converted<std::optional<T>> convert(const Argument& argument) {
        if (is_null(argument)) return std::optional<T>();
        auto converted = FromArgument<T>::convert(argument);
        if (!converted) return std::unexpected(std::move(converted.error()));
        return std::optional<T>(std::move(*converted));
    }
};

// --- To a result ---

template <typename T>
Outcome to_outcome(const T& value) {
    if constexpr (std::same_as<T, bool>) {
        return {Outcome::Kind::json, value ? "true" : "false"};
    } else if constexpr (Integer<T>) {
        if constexpr (std::is_signed_v<T>) return integer_result(std::int64_t{value});
        if constexpr (std::is_unsigned_v<T>) return integer_result(std::uint64_t{value});
    } else if constexpr (std::floating_point<T>) {
        return number_result(static_cast<double>(value));
    } else if constexpr (std::same_as<T, Bytes> || std::same_as<T, std::span<const std::byte>>) {
        return {Outcome::Kind::bytes, std::string(reinterpret_cast<const char*>(value.data()), value.size())};
    } else if constexpr (std::convertible_to<T, std::string_view>) {
        return text_result(value);
    } else {
        try {
            return json_result(Json(value));
        } catch (const Json::exception& error) {
            return failed("what it returned cannot be turned into JSON: " + std::string(error.what()));
        }
    }
}
template <typename T>
Outcome to_outcome(const std::optional<T>& value) {
    return value ? to_outcome(*value) : Outcome{Outcome::Kind::json, "null"};
}

}  // namespace curfew::host::detail

#endif
