// What a host function gets and gives whose arguments are known at run time only; see HostModule::add_dynamic.
#ifndef CURFEW_HOST_DYNAMIC_H
#define CURFEW_HOST_DYNAMIC_H

#include <curfew/language.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace curfew {

class Value;  // <curfew/value.h>

// One argument, valid as long as the call.
struct HostArgument {
    std::string_view data;  // JSON as UTF-8; or bytes
    bool is_bytes = false;
    const Value* value =
        nullptr;  // for functions that take a Value, and only there: what it is; `data` may be empty then
};

// A result. A plain value.
struct HostValue {
    std::string data{};  // JSON, or nothing at all for undefined; or bytes, or CBOR
    bool is_bytes = false;
    bool is_cbor = false;  // `data` is a value as CBOR, one whole item; what is not becomes an error for the guest

    [[nodiscard]] static HostValue undefined() { return {}; }
    [[nodiscard]] static HostValue json(std::string text) { return {std::move(text), false}; }
    [[nodiscard]] static HostValue cbor(std::string item) { return {std::move(item), false, true}; }
    [[nodiscard]] static HostValue bytes(std::string bytes) { return {std::move(bytes), true}; }
    [[nodiscard]] static HostValue bytes(std::span<const std::byte> bytes) {
        return {std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()), true};
    }
};

}  // namespace curfew

#endif
