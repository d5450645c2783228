// What this binding needs of Node's C interface, with errors as C++ exceptions that never leave entry().
#ifndef CURFEW_NODE_NAPI_H
#define CURFEW_NODE_NAPI_H

#define NAPI_VERSION 8
#include <node_api.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace curfew::node {

// An exception of JavaScript's is pending already.
struct PendingException {};

// A value of the wrong kind: becomes a TypeError.
struct WrongType : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Throws PendingException if a call of N-API has failed, with an exception of JavaScript's pending.
void check(napi_env env, napi_status status);

// --- From JavaScript ---

napi_valuetype type_of(napi_env env, napi_value value);
std::string text_of(napi_env env, napi_value value);
double number_of(napi_env env, napi_value value);
bool bool_of(napi_env env, napi_value value);
bool is_nothing(napi_env env, napi_value value);  // undefined or null
napi_value property(napi_env env, napi_value object, const char* name);
std::vector<napi_value> items_of(napi_env env, napi_value array);

// The bytes of a Uint8Array or Buffer, valid until JavaScript runs again; nothing if it is none.
std::optional<std::span<const std::byte>> bytes_of(napi_env env, napi_value value);

inline std::string_view as_text(std::span<const std::byte> bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// --- To JavaScript ---

napi_value undefined(napi_env env);
napi_value to_js(napi_env env, std::string_view text);
napi_value to_js(napi_env env, double number);
napi_value to_js(napi_env env, bool value);
napi_value buffer(napi_env env, std::string_view bytes);
napi_value object(napi_env env);
napi_value array(napi_env env, std::span<const napi_value> items);
void set(napi_env env, napi_value object, const char* name, napi_value value);

// --- Functions ---

// The arguments of one call; those that are missing are undefined.
class Call {
  public:
    Call(napi_env env, napi_callback_info info);
    napi_env env() const noexcept { return env_; }
    napi_value operator[](std::size_t index) const noexcept { return arguments_[index]; }

  private:
    napi_env env_;
    std::array<napi_value, 12> arguments_{};
};

void throw_to_js(napi_env env, const char* code, const char* message, bool is_type_error) noexcept;

// What Node.js calls: nothing that `work` throws gets past it.
template <typename Work>
napi_value guarded(napi_env env, Work&& work) noexcept {
    try {
        return work();
    } catch (const PendingException&) {
        return nullptr;
    } catch (const WrongType& wrong) {
        throw_to_js(env, "ERR_INVALID_ARG_TYPE", wrong.what(), true);
    } catch (const std::exception& error) {
        throw_to_js(env, "ERR_INTERNAL", error.what(), false);
    } catch (...) {
        throw_to_js(env, "ERR_INTERNAL", "something without a message was thrown", false);
    }
    return nullptr;
}

template <napi_value (*Function)(const Call&)>
napi_value entry(napi_env env, napi_callback_info info) noexcept {
    return guarded(env, [&] { return Function(Call(env, info)); });
}

// Calls a method of an object. What it throws is told to nobody: those methods catch their own exceptions.
void call_method(napi_env env, napi_value object, const char* name, std::span<const napi_value> arguments) noexcept;

}  // namespace curfew::node

#endif
