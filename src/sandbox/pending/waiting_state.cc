#include "sandbox/pending/waiting_state.h"

#include <cstring>
#include <string_view>

#include <curfew/value.h>

#include "base/base64.h"
#include "base/utf8.h"
#include "wire/mailbox.h"

namespace curfew::sandbox {

namespace {

// Bounded as host calls are: a small text of CBOR may stand for a very large value.
std::string shown_values(std::string_view cbor) {
    const auto list = Value::from_cbor(cbor, {.depth = 200, .values = 100'000});
    auto json = list ? list->to_shown_json(std::size_t{8} << 20) : std::unexpected(list.error());
    return json && list->get_if<Value::Array>() != nullptr ? std::move(*json) : R"([{"$unreadable":true}])";
}

// All arguments as one array of CBOR, if they came so.
std::string values_of(std::string_view encoded) {
    wire::ArgumentHeader header{};
    if (encoded.size() < sizeof header) return {};
    std::memcpy(&header, encoded.data(), sizeof header);
    return header.is_values() ? std::string(encoded.substr(sizeof header)) : std::string();
}

// One JSON array of what the guest sent. It has been checked when the call was made; what a snapshot's file says of it, may be
// anything, and ends where it makes no sense.
std::string as_array(std::string_view encoded) {
    std::string array = "[";
    while (encoded.size() >= sizeof(wire::ArgumentHeader)) {
        wire::ArgumentHeader header{};
        std::memcpy(&header, encoded.data(), sizeof header);
        encoded.remove_prefix(sizeof header);
        const std::string_view argument = encoded.substr(0, header.length());
        encoded.remove_prefix(argument.size());
        if (header.is_values()) return shown_values(argument);
        if (array.size() > 1) array += ',';
        array += header.is_bytes() ? R"({"$bytes":")" + base::base64(argument) + "\"}" : std::string(argument);
    }
    return base::to_valid_utf8(array + "]");
}

}  // namespace

OpenHostCall shown(const WaitingCall& call) {
    return {.id = call.number,
            .module = call.module,
            .function = call.function,
            .arguments = as_array(call.arguments),
            .values = values_of(call.arguments)};
}

WaitingInvocation shown(const WaitingState& state) {
    WaitingInvocation invocation{.handler = state.handler, .usage = state.usage, .due = state.due, .open_calls = {}};
    for (const WaitingCall& call : state.calls) invocation.open_calls.push_back(shown(call));
    return invocation;
}

}  // namespace curfew::sandbox
