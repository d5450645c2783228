// Results as values.
#ifndef CURFEW_SANDBOX_VALUE_RESULT_H
#define CURFEW_SANDBOX_VALUE_RESULT_H

#include <string>

#include <curfew/call_options.h>
#include <curfew/error.h>
#include <curfew/value.h>

namespace curfew::sandbox {

// What a handler returned, as a value.
inline Result<ValueResult> value_result(const EventResult& done) {
    auto result = done.format == ValueFormat::cbor ? Value::from_cbor(done.result) : Value::from_json(done.result);
    if (result) return ValueResult{std::move(*result), done.usage};
    return std::unexpected(
        Error{.code = ErrorCode::handler_error,
              .message = "the handler's result cannot be taken as a Value: " + result.error().message,
              .usage = done.usage,
              .ran = true});
}

}  // namespace curfew::sandbox

#endif
