#include "sandbox/pending/waiting_state.h"

#include <cstring>
#include <string_view>

#include "base/utf8.h"
#include "wire/mailbox.h"

namespace curfew::sandbox {

namespace {

std::string base64(std::string_view bytes) {
    static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            group = group << 8 | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0);
        }
        for (std::size_t i = 0; i < 4; ++i) text += i > count ? '=' : kDigits[group >> (18 - 6 * i) & 63];
    }
    return text;
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
        if (array.size() > 1) array += ',';
        array += header.is_bytes() ? R"({"$bytes":")" + base64(argument) + "\"}" : std::string(argument);
    }
    return base::to_valid_utf8(array + "]");
}

}  // namespace

OpenHostCall shown(const WaitingCall& call) {
    return {.id = call.number, .module = call.module, .function = call.function, .arguments = as_array(call.arguments)};
}

WaitingInvocation shown(const WaitingState& state) {
    WaitingInvocation invocation{.handler = state.handler, .usage = state.usage, .due = state.due, .open_calls = {}};
    for (const WaitingCall& call : state.calls) invocation.open_calls.push_back(shown(call));
    return invocation;
}

}  // namespace curfew::sandbox
