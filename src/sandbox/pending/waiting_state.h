// An invocation that waits, as a snapshot keeps it. Its stack and promises are in the snapshot's memory.
#ifndef CURFEW_SANDBOX_WAITING_STATE_H
#define CURFEW_SANDBOX_WAITING_STATE_H

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <curfew/call_options.h>
#include <curfew/snapshot.h>
#include <curfew/usage.h>

namespace curfew::sandbox {

// A host call that the guest has a promise for.
struct WaitingCall {
    std::uint32_t number = 0;  // by which the guest knows it
    std::string module;
    std::string function;
    std::uint32_t count = 0;  // of arguments
    std::uint32_t flags = 0;  // of the guest's message
    std::string arguments;    // as the guest sent them: see wire::ArgumentHeader

    friend bool operator==(const WaitingCall&, const WaitingCall&) = default;
};

struct WaitingState {
    std::string handler;
    Usage usage;                                   // until it was saved
    std::chrono::microseconds waited{};            // of the wait that it was saved in
    std::optional<std::chrono::microseconds> due;  // when its timer is due, from when it was saved; none: it has none
    std::vector<WaitingCall> calls;                // by their numbers
    ValueFormat format = ValueFormat::json;        // of the event, and of the result
};

// As the host sees it.
OpenHostCall shown(const WaitingCall& call);
WaitingInvocation shown(const WaitingState& state);

}  // namespace curfew::sandbox

#endif
