// Every failure that can happen at run time is a value of this type. Exceptions are for programming errors only.
#ifndef CURFEW_ERROR_H
#define CURFEW_ERROR_H

#include <curfew/language.h>

#include <expected>
#include <string>
#include <string_view>

#include <curfew/usage.h>

namespace curfew {

enum class ErrorCode {
    invalid_argument,  // the caller passed something unusable; nothing was changed
    consumed,          // the object was moved from, or was already turned into its next state
    poisoned,          // an earlier invocation was cut short; restore or unload first
    cancelled,         // a monitor or an interrupt handle ended the invocation, or kept it from starting (Error::ran)
    handler_error,     // JavaScript threw, or did not compile (see Error::stack)
    out_of_memory,     // JavaScript filled the heap, and did not catch the Error that it got (see Error::stack)
    guest_abort,       // the cell died, or broke the call protocol
    monitor_failed,    // an execution monitor failed to start; the handler was not run
    unavailable,       // this machine lacks something that Curfew needs
    overloaded,        // a pool had no sandbox free for the request in time
    internal,          // a defect in Curfew
};

// The code's name as written above, for logs and JSON.
[[nodiscard]] constexpr std::string_view to_string(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::invalid_argument: return "invalid_argument";
        case ErrorCode::consumed: return "consumed";
        case ErrorCode::poisoned: return "poisoned";
        case ErrorCode::cancelled: return "cancelled";
        case ErrorCode::handler_error: return "handler_error";
        case ErrorCode::out_of_memory: return "out_of_memory";
        case ErrorCode::guest_abort: return "guest_abort";
        case ErrorCode::monitor_failed: return "monitor_failed";
        case ErrorCode::unavailable: return "unavailable";
        case ErrorCode::overloaded: return "overloaded";
        case ErrorCode::internal: return "internal";
    }
    return "unknown";
}

struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string message{};        // a sentence: what happened, to what, why, and what to do next
    std::string terminated_by{};  // who ended a cancelled invocation: a monitor's name, or "kill"; else empty
    std::string stack{};          // the JavaScript stack of a handler_error or out_of_memory, a line a frame; or empty
    Usage usage{};                // what the invocation had used by then; zero when none was running

    // Code of the invocation may have run. False: none did, and the sandbox is as it was, so that it is safe to try again.
    bool ran = false;
};

template <typename T>
using Result = std::expected<T, Error>;

}  // namespace curfew

#endif
