#include "sandbox/host/value_arguments.h"

#include <curfew/host/values.h>

#include "base/error.h"
#include "sandbox/event_format.h"
#include "wire/cbor.h"

namespace curfew {

namespace sandbox {

using host::detail::Argument;

constexpr std::size_t kMostLevels = 200;  // docs/host-functions.md

bool is_list_of_values(std::string_view cbor) {
    return !cbor.empty() && static_cast<unsigned char>(cbor.front()) >> 5U == wire::cbor::kArray && check_cbor(cbor);
}

bool ValueArguments::read(std::string_view cbor) {
    constexpr std::size_t kMostValues = 100'000;  // docs/host-functions.md
    auto read = Value::from_cbor(cbor, {.depth = kMostLevels, .values = kMostValues});
    if (!read || read->get_if<Value::Array>() == nullptr) return false;
    list_ = std::move(*read);
    for (const Value& each : *list_.get_if<Value::Array>()) {
        Argument argument{};
        argument.value = &each;
        switch (each.kind()) {
            case Value::Kind::undefined:
            case Value::Kind::null: argument.data = "null"; break;
            // What is small is there as JSON at once, for parameters of other types.
            case Value::Kind::boolean:
            case Value::Kind::number:
            case Value::Kind::string:
                if (auto json = each.to_json()) argument.data = texts_.emplace_back(std::move(*json));
                break;
            case Value::Kind::bytes: {
                const auto& bytes = each.get_if<Value::Bytes>()->data;
                argument.data = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
                argument.is_bytes = true;
                break;
            }
            default: break;
        }
        arguments_.push_back(argument);
    }
    return true;
}

}  // namespace sandbox

namespace host::detail {

namespace {

std::string kind_of(const Value& value) {
    switch (value.kind()) {
        case Value::Kind::undefined:
        case Value::Kind::null: return "null or undefined";
        case Value::Kind::boolean: return "a boolean";
        case Value::Kind::number: return "a number";
        case Value::Kind::date: return "a Date";
        case Value::Kind::cycle: return "an object that contains itself";
        case Value::Kind::string: return "a string";
        case Value::Kind::bigint: return "a BigInt";
        case Value::Kind::bytes: return "bytes";
        case Value::Kind::regexp: return "a RegExp";
        case Value::Kind::array: return "an array";
        case Value::Kind::object: return "an object";
        case Value::Kind::map: return "a Map";
        case Value::Kind::set: return "a Set";
        case Value::Kind::exception: return "an error";
    }
    return "something else";
}

}  // namespace

std::string should_be(std::string_view expected, const Value& but_is) {
    return "should be " + std::string(expected) + ", but is " + kind_of(but_is);
}

Converted<std::string> json_of(const Value& value) {
    auto json = value.to_json();
    if (json) return std::move(*json);
    return std::unexpected("does not have the form that is wanted: " + json.error().message);
}

Converted<Value> value_of(const Argument& argument) {
    if (argument.value != nullptr) return *argument.value;
    if (argument.is_bytes) {
        const auto bytes = std::as_bytes(std::span(argument.data));
        return Value(std::vector<std::byte>(bytes.begin(), bytes.end()));
    }
    auto value = Value::from_json(argument.data);
    if (value) return std::move(*value);
    return std::unexpected("is not JSON that can be read: " + value.error().message);
}

Outcome value_result(const Value& value) {
    auto cbor = value.to_cbor();
    if (cbor) return {Outcome::Kind::cbor, std::move(*cbor)};
    return failed("what it returned cannot be passed: " + cbor.error().message);
}

Outcome outcome_of(HostValue value) {
    if (value.is_cbor) {
        if (const auto checked = sandbox::check_cbor(value.data); !checked) {
            return failed("what it returned is not CBOR that can be read: " + checked.error());
        }
        return {Outcome::Kind::cbor, std::move(value.data)};
    }
    return {value.is_bytes ? Outcome::Kind::bytes : Outcome::Kind::json, std::move(value.data)};
}

}  // namespace host::detail

}  // namespace curfew
