#include "napi.h"

#include <cstring>

namespace curfew::node {

void check(napi_env env, napi_status status) {
    if (status == napi_ok) return;
    bool pending = false;
    if (napi_is_exception_pending(env, &pending) == napi_ok && !pending) {
        const napi_extended_error_info* info = nullptr;
        napi_get_last_error_info(env, &info);
        const std::string message = info && info->error_message ? info->error_message : "a call of N-API has failed";
        if (status == napi_string_expected || status == napi_number_expected || status == napi_object_expected ||
            status == napi_boolean_expected || status == napi_array_expected || status == napi_function_expected) {
            throw WrongType(message);
        }
        throw_to_js(env, "ERR_INTERNAL", message.c_str(), false);
    }
    throw PendingException();
}

void throw_to_js(napi_env env, const char* code, const char* message, bool is_type_error) noexcept {
    bool pending = false;
    if (napi_is_exception_pending(env, &pending) == napi_ok && pending) return;
    if (is_type_error) {
        napi_throw_type_error(env, code, message);
    } else {
        napi_throw_error(env, code, message);
    }
}

napi_valuetype type_of(napi_env env, napi_value value) {
    napi_valuetype type = napi_undefined;
    check(env, napi_typeof(env, value, &type));
    return type;
}

std::string text_of(napi_env env, napi_value value) {
    std::size_t size = 0;
    check(env, napi_get_value_string_utf8(env, value, nullptr, 0, &size));
    std::string text(size, '\0');
    // It also writes a zero, where a std::string has one.
    check(env, napi_get_value_string_utf8(env, value, text.data(), size + 1, &size));
    return text;
}

double number_of(napi_env env, napi_value value) {
    double number = 0;
    check(env, napi_get_value_double(env, value, &number));
    return number;
}

bool bool_of(napi_env env, napi_value value) {
    bool found = false;
    check(env, napi_get_value_bool(env, value, &found));
    return found;
}

bool is_nothing(napi_env env, napi_value value) {
    const napi_valuetype type = type_of(env, value);
    return type == napi_undefined || type == napi_null;
}

napi_value property(napi_env env, napi_value object, const char* name) {
    napi_value value = nullptr;
    check(env, napi_get_named_property(env, object, name, &value));
    return value;
}

std::vector<napi_value> items_of(napi_env env, napi_value array) {
    std::uint32_t size = 0;
    check(env, napi_get_array_length(env, array, &size));
    std::vector<napi_value> items(size);
    for (std::uint32_t i = 0; i < size; ++i) check(env, napi_get_element(env, array, i, &items[i]));
    return items;
}

std::optional<std::span<const std::byte>> bytes_of(napi_env env, napi_value value) {
    bool is_typed_array = false;
    check(env, napi_is_typedarray(env, value, &is_typed_array));
    if (!is_typed_array) return std::nullopt;
    napi_typedarray_type type = napi_int8_array;
    std::size_t length = 0;
    void* data = nullptr;
    check(env, napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr));
    if (type != napi_uint8_array) return std::nullopt;
    return std::span(static_cast<const std::byte*>(data), length);
}

napi_value undefined(napi_env env) {
    napi_value value = nullptr;
    check(env, napi_get_undefined(env, &value));
    return value;
}

napi_value to_js(napi_env env, std::string_view text) {
    napi_value value = nullptr;
    check(env, napi_create_string_utf8(env, text.data(), text.size(), &value));
    return value;
}

napi_value to_js(napi_env env, double number) {
    napi_value value = nullptr;
    check(env, napi_create_double(env, number, &value));
    return value;
}

napi_value to_js(napi_env env, bool truth) {
    napi_value value = nullptr;
    check(env, napi_get_boolean(env, truth, &value));
    return value;
}

napi_value buffer(napi_env env, std::string_view bytes) {
    napi_value value = nullptr;
    check(env, napi_create_buffer_copy(env, bytes.size(), bytes.data(), nullptr, &value));
    return value;
}

napi_value object(napi_env env) {
    napi_value value = nullptr;
    check(env, napi_create_object(env, &value));
    return value;
}

napi_value array(napi_env env, std::span<const napi_value> items) {
    napi_value value = nullptr;
    check(env, napi_create_array_with_length(env, items.size(), &value));
    for (std::size_t i = 0; i < items.size(); ++i) {
        check(env, napi_set_element(env, value, static_cast<std::uint32_t>(i), items[i]));
    }
    return value;
}

void set(napi_env env, napi_value object, const char* name, napi_value value) {
    check(env, napi_set_named_property(env, object, name, value));
}

Call::Call(napi_env env, napi_callback_info info) : env_(env) {
    std::size_t count = arguments_.size();
    check(env, napi_get_cb_info(env, info, &count, arguments_.data(), nullptr, nullptr));
}

void call_method(napi_env env, napi_value object, const char* name, std::span<const napi_value> arguments) noexcept {
    napi_value method = nullptr;
    napi_value result = nullptr;
    if (napi_get_named_property(env, object, name, &method) == napi_ok) {
        napi_call_function(env, object, method, arguments.size(), arguments.data(), &result);
    }
    bool pending = false;
    napi_value thrown = nullptr;
    if (napi_is_exception_pending(env, &pending) == napi_ok && pending) napi_get_and_clear_last_exception(env, &thrown);
}

}  // namespace curfew::node
