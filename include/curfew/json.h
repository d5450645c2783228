// Own types as arguments and results of host functions, and JSON as it is: whatever nlohmann-json can convert. Include
// this besides <curfew/curfew.h> or <curfew/host_module.h> where such functions are added, and only there: no other header
// of Curfew needs nlohmann-json, which takes longer to compile than all of them.
//
//   struct Order { std::string item; int count = 0; };
//   NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Order, item, count)
//
//   proto.host_module("shop").add("price", [](const Order& order) { ... });
//
// The program has to use the version of nlohmann-json that Curfew was built with; another one fails to link.
#ifndef CURFEW_JSON_H
#define CURFEW_JSON_H

#include <curfew/language.h>

#include <nlohmann/json.hpp>

#include <concepts>
#include <string>

#include <curfew/export.h>
#include <curfew/host/detail/convert.h>

namespace curfew::host::detail {

// The value behind the curtain. As a parameter its type is part of the function's name, which is what fails to link.
CURFEW_EXPORT void look_behind(JsonValue value, const nlohmann::json*& found) noexcept;

template <typename T>
concept IsJson = std::same_as<T, nlohmann::json> || std::same_as<T, nlohmann::ordered_json>;

template <typename T>
concept ReadByNlohmann = IsJson<T> || requires(const nlohmann::json& json, T& value) {
    nlohmann::adl_serializer<T>::from_json(json, value);
} || requires(const nlohmann::json& json) { nlohmann::adl_serializer<T>::from_json(json); };

template <typename T>
concept WrittenByNlohmann = IsJson<T> || std::constructible_from<nlohmann::json, const T&>;

template <typename T>
struct ByNlohmann {
    static Converted<T> convert(JsonValue value) {
        static_assert(
            ReadByNlohmann<T>,
            "a host function takes this type, which nlohmann-json cannot make of JSON: beside a struct, in its "
            "namespace, write NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Type, member, ...), or a from_json() of your own");
        if constexpr (ReadByNlohmann<T>) {
            const nlohmann::json* found = nullptr;
            look_behind(value, found);
            try {
                return found->get<T>();
            } catch (const nlohmann::json::exception& error) {
                return std::unexpected(cannot_become(TypeName<T>::get(), error.what()));
            }
        } else {
            return std::unexpected(std::string());
        }
    }
    static void append(std::string& json, const T& value) {
        static_assert(
            WrittenByNlohmann<T>,
            "a host function returns this type, which nlohmann-json cannot make JSON of: beside a struct, in its "
            "namespace, write NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Type, member, ...), or a to_json() of your own");
        if constexpr (WrittenByNlohmann<T>) {
            try {
                json += nlohmann::json(value).dump();
            } catch (const nlohmann::json::exception& error) {
                refuse_result(error.what());
            }
        }
    }
};

template <>
struct TypeName<nlohmann::json> {
    static std::string get() { return "any"; }
};

}  // namespace curfew::host::detail

#endif
