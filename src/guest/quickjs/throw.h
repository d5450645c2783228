// Exceptions with a message of any length; the engine's own functions cut theirs.
#ifndef CURFEW_GUEST_RUNTIME_THROW_H
#define CURFEW_GUEST_RUNTIME_THROW_H

#include "guest/platform/exchange.h"
#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

enum class ErrorKind { plain, type, reference, syntax };

// Throws an Error, TypeError, ReferenceError or SyntaxError. Returns JS_EXCEPTION.
JSValue throw_error(JSContext* context, ErrorKind kind, Bytes message);

}  // namespace curfew::guest

#endif
