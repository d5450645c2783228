// Values beyond JSON as arguments and results of host functions: curfew::Value, and containers of bytes. Include this besides
// <curfew/curfew.h> or <curfew/host_module.h> where such functions are added.
//
//   proto.host_module("store").add("put", [](std::string key, const curfew::Value& value) { ... });
//   proto.host_module("zip").add("pack", [](const std::map<std::string, std::vector<std::byte>>& files) { ... });
//
// A function with such a type among its parameters, or as its result, gets all its arguments as values, so that a Value has
// what JSON loses: undefined, NaN, BigInt, Date, Map and all that docs/values.md lists. Its other parameters are as ever.
#ifndef CURFEW_HOST_VALUES_H
#define CURFEW_HOST_VALUES_H

#include <curfew/language.h>

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <curfew/export.h>
#include <curfew/host/detail/convert.h>
#include <curfew/value.h>

namespace curfew::host::detail {

CURFEW_EXPORT Converted<Value> value_of(const Argument& argument);
CURFEW_EXPORT std::string should_be(std::string_view expected, const Value& but_is);
CURFEW_EXPORT Converted<std::string> json_of(const Value& value);
CURFEW_EXPORT Outcome value_result(const Value& value);

template <typename T>
struct FromValue {
    static Converted<T> convert(const Value& value) {
        auto json = json_of(value);
        if (!json) return std::unexpected(std::move(json.error()));
        return FromArgument<T>::convert(Argument{.data = *json});
    }
};
template <>
struct FromValue<Value> {
    static Converted<Value> convert(const Value& value) { return value; }
};
template <>
struct FromValue<Bytes> {
    static Converted<Bytes> convert(const Value& value) {
        if (const auto* const bytes = value.get_if<Value::Bytes>()) return bytes->data;
        return std::unexpected(should_be("bytes", value));
    }
};
template <typename T>
struct FromValue<std::optional<T>> {
    static Converted<std::optional<T>> convert(const Value& value) {
        if (value.is_null() || value.is_undefined()) return std::optional<T>();
        auto converted = FromValue<T>::convert(value);
        if (!converted) return std::unexpected(std::move(converted.error()));
        return std::optional<T>(std::move(*converted));
    }
};
template <typename T>
struct FromValue<std::vector<T>> {
    static Converted<std::vector<T>> convert(const Value& value) {
        const auto* const from = value.get_if<Value::Array>();
        if (from == nullptr) return std::unexpected(should_be("an array", value));
        std::vector<T> items;
        items.reserve(from->size());
        for (const Value& each : *from) {
            auto item = FromValue<T>::convert(each);
            if (!item) return std::unexpected("at index " + std::to_string(items.size()) + " " + item.error());
            items.push_back(std::move(*item));
        }
        return items;
    }
};
template <TextMap T>
struct FromValue<T> {
    static Converted<T> convert(const Value& value) {
        const auto* const from = value.get_if<Value::Object>();
        if (from == nullptr) return std::unexpected(should_be("an object", value));
        T items;
        for (const auto& [name, each] : *from) {
            auto item = FromValue<typename T::mapped_type>::convert(each);
            if (!item) return std::unexpected("at key \"" + name + "\" " + item.error());
            items.insert_or_assign(name, std::move(*item));
        }
        return items;
    }
};

template <typename T>
Value to_value(const T& value) {
    static_assert(std::constructible_from<Value, const T&>,
                  "a host function returns a container of this type, which is no Value, bytes, number, bool or text");
    return Value(value);
}
template <typename T>
Value to_value(const std::optional<T>& value) {
    return value ? to_value(*value) : Value(nullptr);
}
template <typename T>
Value to_value(const std::vector<T>& items)
    requires(!std::same_as<T, std::byte>)
{
    Value::Array array;
    array.reserve(items.size());
    for (const auto& each : items) array.push_back(to_value<T>(each));
    return array;
}
template <TextMap T>
Value to_value(const T& items) {
    Value::Object object;
    for (const auto& [name, each] : items) object.emplace_back(name, to_value(each));
    return object;
}

template <typename T>
struct ValueForm {
    static Converted<T> convert(const Argument& argument) {
        if (argument.value != nullptr) return FromValue<T>::convert(*argument.value);
        auto value = value_of(argument);
        if (!value) return std::unexpected(std::move(value.error()));
        return FromValue<T>::convert(*value);
    }
    static Outcome outcome(const T& value) { return value_result(to_value(value)); }
};

}  // namespace curfew::host::detail

#endif
