// Objects of JavaScript with a C++ object behind them, which is told apart from all others by a tag.
#ifndef CURFEW_NODE_HANDLE_H
#define CURFEW_NODE_HANDLE_H

#include <memory>
#include <utility>

#include "napi.h"

namespace curfew::node {

// `finalize` is called with the value when JavaScript has dropped the object.
template <typename T>
napi_value make_handle(napi_env env, const napi_type_tag& tag, T value) {
    napi_value made = object(env);
    auto held = std::make_unique<T>(std::move(value));
    check(env, napi_type_tag_object(env, made, &tag));
    check(env, napi_wrap(
                   env, made, held.get(), [](napi_env, void* data, void*) { delete static_cast<T*>(data); }, nullptr,
                   nullptr));
    (void)held.release();
    return made;
}

// Throws WrongType if the value is another object, or none.
template <typename T>
T& from_handle(napi_env env, const napi_type_tag& tag, napi_value value, const char* what) {
    bool is_one = false;
    if (type_of(env, value) == napi_object) check(env, napi_check_object_type_tag(env, value, &tag, &is_one));
    if (!is_one) throw WrongType(std::string("this is no ") + what);
    void* data = nullptr;
    check(env, napi_unwrap(env, value, &data));
    return *static_cast<T*>(data);
}

}  // namespace curfew::node

#endif
