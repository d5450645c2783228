// Values between JSON and C++, with checks that nlohmann-json's own conversions do not make.
#ifndef CURFEW_HOST_DETAIL_CONVERT_H
#define CURFEW_HOST_DETAIL_CONVERT_H

#include <curfew/language.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include <curfew/export.h>
#include <curfew/host/detail/function.h>
#include <curfew/host/detail/json_value.h>

namespace curfew::host::detail {

using Bytes = std::vector<std::byte>;

template <typename T>
concept Integer = std::integral<T> && !std::same_as<T, bool>;

template <typename T>
concept Text = std::convertible_to<T, std::string_view>;

// std::map with strings as keys, without its header.
template <typename T>
concept TextMap = requires(T map, std::string key, typename T::mapped_type value) {
    typename T::key_compare;
    requires std::same_as<typename T::value_type, std::pair<const std::string, typename T::mapped_type>>;
    map.insert_or_assign(std::move(key), std::move(value));
};

// How nlohmann-json converts a type, and whether it can: defined in <curfew/json.h>.
template <typename T>
struct ByNlohmann;

template <typename T>
inline constexpr bool kHasJsonHeader = requires { sizeof(ByNlohmann<T>); };

// Whether a type is, or contains, what JSON cannot hold: a Value, or bytes inside of something.
template <typename T>
inline constexpr bool kHoldsValues = false;
template <>
inline constexpr bool kHoldsValues<Value> = true;
template <typename T>
inline constexpr bool kHoldsValues<std::optional<T>> = kHoldsValues<T>;
template <typename T>
inline constexpr bool kHoldsValues<std::vector<T>> = kHoldsValues<T> || std::same_as<T, Bytes>;
template <TextMap T>
inline constexpr bool kHoldsValues<T> =
    kHoldsValues<typename T::mapped_type> || std::same_as<typename T::mapped_type, Bytes>;

// How such types are converted: defined in <curfew/host/values.h>.
template <typename T>
struct ValueForm;

template <typename T>
inline constexpr bool kHasValuesHeader = requires { sizeof(ValueForm<T>); };

#define CURFEW_NEEDS_VALUES_HEADER(T)                                                                    \
    static_assert(kHasValuesHeader<T>,                                                                   \
                  "a host function takes or returns curfew::Value, or bytes inside of a std::vector or " \
                  "std::map; include <curfew/host/values.h> for that")

#define CURFEW_NEEDS_JSON_HEADER(T)                                                                             \
    static_assert(                                                                                              \
        kHasJsonHeader<T>,                                                                                      \
        "a host function takes or returns this type, which is no number, bool, text, bytes, or std::optional, " \
        "std::vector or std::map of them; include <curfew/json.h> to have nlohmann-json convert it, or "        \
        "nlohmann::json "                                                                                       \
        "itself")

// --- Names of types, for signatures ---

CURFEW_EXPORT std::string name_of(const std::type_info& type);

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
        } else if constexpr (Text<T>) {
            return "string";
        } else {
            return name_of(typeid(T));
        }
    }
};
template <>
struct TypeName<Value> {
    static std::string get() { return "value"; }
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
template <TextMap T>
struct TypeName<T> {
    static std::string get() { return "{" + TypeName<typename T::mapped_type>::get() + "}"; }
};

// --- From an argument, or from a part of one ---

// The same number as a type that can hold it.
template <typename T, typename U>
Converted<T> narrowed(const Converted<U>& number) {
    if (!number) return std::unexpected(number.error());
    return static_cast<T>(*number);
}

template <typename T>
concept Simple = std::integral<T> || std::floating_point<T> || std::same_as<T, std::string>;

// What can be read without making a JsonDocument of it.
template <Simple T, typename From>
Converted<T> to_simple(const From& from) {
    using Limits = std::numeric_limits<T>;
    if constexpr (std::same_as<T, bool>) {
        return to_bool(from);
    } else if constexpr (std::signed_integral<T>) {
        return narrowed<T>(to_signed(from, Limits::min(), Limits::max()));
    } else if constexpr (std::integral<T>) {
        return narrowed<T>(to_unsigned(from, Limits::max()));
    } else if constexpr (std::floating_point<T>) {
        return narrowed<T>(to_number(from));
    } else {
        return to_text(from);
    }
}

template <template <typename> class Convert, typename T, typename From>
Converted<std::optional<T>> to_optional(const From& from) {
    if (is_null(from)) return std::optional<T>();
    auto converted = Convert<T>::convert(from);
    if (!converted) return std::unexpected(std::move(converted.error()));
    return std::optional<T>(std::move(*converted));
}

template <typename T>
struct FromJson {
    static Converted<T> convert(JsonValue value) {
        if constexpr (Simple<T>) {
            return to_simple<T>(value);
        } else {
            CURFEW_NEEDS_JSON_HEADER(T);
            if constexpr (kHasJsonHeader<T>) return ByNlohmann<T>::convert(value);
        }
    }
};
template <typename T>
struct FromJson<std::optional<T>> {
    static Converted<std::optional<T>> convert(JsonValue value) { return to_optional<FromJson, T>(value); }
};
template <typename T>
struct FromJson<std::vector<T>> {
    static Converted<std::vector<T>> convert(JsonValue value) {
        if (!value.is_array()) return std::unexpected(should_be("an array", value));
        const std::vector<JsonValue> from = value.items();
        std::vector<T> items;
        items.reserve(from.size());
        for (const JsonValue each : from) {
            auto item = FromJson<T>::convert(each);
            if (!item) return std::unexpected("at index " + std::to_string(items.size()) + " " + item.error());
            items.push_back(std::move(*item));
        }
        return items;
    }
};
template <TextMap T>
struct FromJson<T> {
    static Converted<T> convert(JsonValue value) {
        if (!value.is_object()) return std::unexpected(should_be("an object", value));
        T items;
        for (const JsonMember& each : value.members()) {
            auto item = FromJson<typename T::mapped_type>::convert(each.value);
            if (!item) return std::unexpected("at key \"" + std::string(each.key) + "\" " + item.error());
            items.insert_or_assign(std::string(each.key), std::move(*item));
        }
        return items;
    }
};

template <typename T>
struct FromArgument {
    static Converted<T> convert(const Argument& argument) {
        if constexpr (Simple<T>) {
            return to_simple<T>(argument);
        } else if constexpr (kHoldsValues<T>) {
            CURFEW_NEEDS_VALUES_HEADER(T);
            if constexpr (kHasValuesHeader<T>) return ValueForm<T>::convert(argument);
        } else {
            auto document = parse(argument);
            if (!document) return std::unexpected(std::move(document.error()));
            return FromJson<T>::convert(document->root());
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
        return to_optional<FromArgument, T>(argument);
    }
};

// --- To a result, or to a part of one ---

template <typename T>
struct ToJson {
    static void append(std::string& json, const T& value) {
        if constexpr (std::same_as<T, bool>) {
            json += value ? "true" : "false";
        } else if constexpr (std::signed_integral<T>) {
            append_integer(json, std::int64_t{value});
        } else if constexpr (std::integral<T>) {
            append_integer(json, std::uint64_t{value});
        } else if constexpr (std::floating_point<T>) {
            append_number(json, static_cast<double>(value));
        } else if constexpr (Text<T>) {
            append_text(json, value);
        } else {
            CURFEW_NEEDS_JSON_HEADER(T);
            if constexpr (kHasJsonHeader<T>) ByNlohmann<T>::append(json, value);
        }
    }
};
template <typename T>
struct ToJson<std::optional<T>> {
    static void append(std::string& json, const std::optional<T>& value) {
        if (!value) {
            json += "null";
        } else {
            ToJson<T>::append(json, *value);
        }
    }
};
template <typename T>
struct ToJson<std::vector<T>> {
    static void append(std::string& json, const std::vector<T>& items) {
        json += '[';
        bool first = true;
        for (const auto& each : items) {
            if (!std::exchange(first, false)) json += ',';
            ToJson<T>::append(json, each);
        }
        json += ']';
    }
};
template <TextMap T>
struct ToJson<T> {
    static void append(std::string& json, const T& items) {
        json += '{';
        bool first = true;
        for (const auto& [key, each] : items) {
            if (!std::exchange(first, false)) json += ',';
            append_text(json, key);
            json += ':';
            ToJson<typename T::mapped_type>::append(json, each);
        }
        json += '}';
    }
};

template <typename T>
Outcome to_outcome(const T& value) {
    if constexpr (kHoldsValues<T>) {
        CURFEW_NEEDS_VALUES_HEADER(T);
        if constexpr (kHasValuesHeader<T>) return ValueForm<T>::outcome(value);
    } else if constexpr (std::same_as<T, bool>) {
        return {Outcome::Kind::json, value ? "true" : "false"};
    } else if constexpr (std::signed_integral<T>) {
        return integer_result(std::int64_t{value});
    } else if constexpr (std::integral<T>) {
        return integer_result(std::uint64_t{value});
    } else if constexpr (std::floating_point<T>) {
        return number_result(static_cast<double>(value));
    } else if constexpr (std::same_as<T, Bytes> || std::same_as<T, std::span<const std::byte>>) {
        return {Outcome::Kind::bytes, std::string(reinterpret_cast<const char*>(value.data()), value.size())};
    } else if constexpr (Text<T>) {
        return text_result(value);
    } else {
        Outcome outcome;
        ToJson<T>::append(outcome.text, value);
        return outcome;
    }
}
template <typename T>
Outcome to_outcome(const std::optional<T>& value) {
    return value ? to_outcome(*value) : Outcome{Outcome::Kind::json, "null"};
}

#undef CURFEW_NEEDS_JSON_HEADER
#undef CURFEW_NEEDS_VALUES_HEADER

}  // namespace curfew::host::detail

#endif
