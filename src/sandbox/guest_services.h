// What a guest may ask its host for while it works on a request. The channel has copied and bounded what the guest
// sent; whoever implements this checks what it means.
#ifndef CURFEW_SANDBOX_GUEST_SERVICES_H
#define CURFEW_SANDBOX_GUEST_SERVICES_H

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "wire/mailbox.h"

namespace curfew::sandbox {

// A host call, as the guest sent it.
struct GuestCall {
    std::string_view module;
    std::string_view function;
    std::uint32_t count = 0;  // how many arguments there should be
    std::uint32_t flags = 0;  // those of wire::MessageKind::host_call
    std::string arguments;    // see wire::ArgumentHeader
};

// What the guest gets for an answer.
struct HostReply {
    wire::MessageKind kind = wire::MessageKind::proceed;
    std::uint32_t flags = 0;
    std::uint32_t value = 0;
    std::string name = {};
    std::string payload = {};

    // An exception in the guest, with this message.
    static HostReply error(std::string message) {
        return {.kind = wire::MessageKind::host_error, .payload = std::move(message)};
    }
};

// Called on the thread that runs the invocation. Nothing throws: what goes wrong is told to the guest.
class GuestServices {
  public:
    virtual ~GuestServices() = default;

    // Whether the invocation has been ended, perhaps by what was counted just now. Then nothing more is done for the guest.
    virtual bool cancelled() const noexcept = 0;

    // Whether what was printed until now is within the sandbox's limit. False ends the exchange with ExchangeEnd::output.
    virtual bool may_print() const noexcept = 0;

    // Passes on a printed text of which every byte was counted as it came, and counts what passing it on adds. Nothing is
    // passed on if that ends the invocation, or if may_print() is false then.
    virtual void print(wire::PrintLevel level, std::string text) = 0;

    // Calls a host function. Answers host_result, host_error, or for kAsync also pending.
    virtual HostReply call_host_function(GuestCall call) = 0;

    // What the arguments of a host call may have for bytes, as the guest sends them.
    virtual std::uint64_t host_argument_limit() const noexcept = 0;

    // In place of call_host_function() for arguments of more `bytes`, which were not received. Answers host_error.
    virtual HostReply refuse_host_call(std::string_view module, std::string_view function, std::uint64_t bytes) = 0;

    // Finds out which module an import means. `flags` are those of wire::MessageKind::resolve; kBuiltIn: the guest has one of
    // this name itself, for the case that the host has none. Answers resolved or host_error.
    virtual HostReply resolve_module(std::string_view importer, std::string_view specifier, std::uint32_t flags) = 0;

    // `flags` are those of wire::MessageKind::read_module. Answers module or host_error.
    virtual HostReply read_module(std::string_view name, std::uint32_t flags) = 0;

    // What the guest says that was refused to its engine: wire::RefusedCall, one after the other. Nothing rests on it.
    virtual void refused_calls(std::string_view /*records*/) {}

    // Whether calls are open, so that a reply can come.
    virtual bool can_reply() const noexcept = 0;

    // Answers proceed when the time is over (none: never), or the invocation is being ended; or, if wanted, a reply when a call
    // is answered. Nothing: none of that is to be waited for here, and the guest is to be left as it is.
    virtual std::optional<HostReply> wait(std::optional<std::chrono::microseconds> time, bool until_reply) = 0;
};

}  // namespace curfew::sandbox

#endif
