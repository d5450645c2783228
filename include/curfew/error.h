// Every failure that can happen at run time is a value of this type. Exceptions are for programming errors only.
#ifndef CURFEW_ERROR_H
#define CURFEW_ERROR_H

#include <curfew/language.h>

#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include <curfew/usage.h>

namespace curfew {

enum class ErrorCode {
    invalid_argument,  // the caller passed something unusable; nothing was changed
    consumed,          // the object was moved from, or was already turned into its next state
    poisoned,          // an earlier invocation was cut short; restore or unload first
    cancelled,         // a monitor or an interrupt handle ended the invocation
    not_run,           // one of them had ended it before it could start: nothing was run, and the sandbox is as it was
    handler_error,     // JavaScript threw (see Error::details), or returned what cannot be passed
    syntax_error,      // JavaScript did not compile (see Error::details)
    stack_overflow,    // JavaScript called itself too deep, and did not catch the RangeError that it got
    out_of_memory,     // JavaScript filled the heap, and did not catch the Error that it got
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
        case ErrorCode::not_run: return "not_run";
        case ErrorCode::handler_error: return "handler_error";
        case ErrorCode::syntax_error: return "syntax_error";
        case ErrorCode::stack_overflow: return "stack_overflow";
        case ErrorCode::out_of_memory: return "out_of_memory";
        case ErrorCode::guest_abort: return "guest_abort";
        case ErrorCode::monitor_failed: return "monitor_failed";
        case ErrorCode::unavailable: return "unavailable";
        case ErrorCode::overloaded: return "overloaded";
        case ErrorCode::internal: return "internal";
    }
    return "unknown";
}

struct ErrorDetails;  // <curfew/error_details.h>

struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string message{};  // a sentence: what happened, to what, why, and what to do next
    std::string
        terminated_by{};  // who ended an invocation, or kept it from starting: a monitor's name, or "kill"; else empty
    std::string stack{};  // the JavaScript stack of what was thrown, a line a frame; or empty
    Usage usage{};        // what the invocation had used by then; zero when none was running

    // Code of the invocation may have run. False: none did, and the sandbox is as it was, so that it is safe to try again.
    bool ran = false;

    // What JavaScript threw, piece by piece: its name, place, cause and fields. Null where nothing was thrown, or nothing more is
    // known than the message says.
    std::shared_ptr<const ErrorDetails> details{};
};

template <typename T>
using Result = std::expected<T, Error>;

}  // namespace curfew

#endif
