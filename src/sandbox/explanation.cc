#include "sandbox/explanation.h"

#include <string>

#include "base/quantity_text.h"
#include "base/utf8.h"
#include "sandbox/failure.h"
#include "wire/mailbox.h"

namespace curfew::sandbox {

namespace {

using wire::MessageKind;

constexpr const char* kAdvice = "; restore or unload the sandbox to go on";

// The guest says itself that it failed.
Error explain_failure(const Answer& answer, const Circumstances& circumstances) {
    Error error{.code = ErrorCode::handler_error, .usage = circumstances.usage, .ran = true};
    error.message = base::to_valid_utf8(answer.name);
    if ((answer.flags & wire::kDescribed) == 0) {
        error.stack = base::to_valid_utf8(answer.payload);
    } else {
        error.details = read_error_description(answer.payload, circumstances.find_source);
        if (error.details) error.stack = error.details->stack;
    }
    if ((answer.flags & wire::kSyntaxError) != 0) error.code = ErrorCode::syntax_error;
    if ((answer.flags & wire::kStackOverflow) != 0) error.code = ErrorCode::stack_overflow;
    if ((answer.flags & wire::kBadEvent) != 0) {
        error.code = ErrorCode::invalid_argument;
        error.ran = !left_no_trace(circumstances.usage);
    } else if ((answer.flags & wire::kOutOfMemory) != 0) {
        error.code = ErrorCode::out_of_memory;
    }
    if ((answer.flags & wire::kOutOfMemory) != 0) {
        // A guest without memory may have none for its message either.
        if (!error.message.contains("out of memory")) error.message = "InternalError: out of memory";
        error.message += "; the sandbox's heap has " + base::size_text(circumstances.heap_size) +
                         ", and SandboxBuilder::with_heap_size makes it larger";
    }
    return error;
}

// It gave an answer, but not this one.
std::string explain_answer(const Answer& answer) {
    if (answer.kind == MessageKind::abort) return "the guest gave up: " + base::to_valid_utf8(answer.payload) + kAdvice;
    return std::string("the guest broke the call protocol: it gave an answer to another question") + kAdvice;
}

}  // namespace

Error explain(ExchangeEnd end, const Answer& answer, const Circumstances& circumstances) {
    if (end == ExchangeEnd::completed && answer.kind == MessageKind::failed) {
        return explain_failure(answer, circumstances);
    }
    Error error{.code = ErrorCode::guest_abort, .usage = circumstances.usage, .ran = true};
    switch (end) {
        case ExchangeEnd::completed: error.message = explain_answer(answer); break;
        case ExchangeEnd::refused:
            error.code = ErrorCode::invalid_argument;
            error.ran = false;
            error.message = "the guest's heap has no room for it; give the sandbox a larger heap";
            break;
        case ExchangeEnd::died:
            error.message =
                (circumstances.cell != nullptr ? circumstances.cell->death().text
                                               : "the cell died before it ran, and no other could be made") +
                kAdvice;
            break;
        case ExchangeEnd::protocol: error.message = std::string(circumstances.complaint) + kAdvice; break;
        case ExchangeEnd::forked:
            error.code = ErrorCode::invalid_argument;
            error.message = inherited_sandbox().error().message;
            break;
        case ExchangeEnd::output:  // these have ended it as cancelled, or not at all
        case ExchangeEnd::waits:
        case ExchangeEnd::interrupted:
            error.code = ErrorCode::internal;
            error.message = "the cell was interrupted by nobody";
            break;
    }
    return error;
}

}  // namespace curfew::sandbox
