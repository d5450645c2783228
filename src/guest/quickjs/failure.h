// What the host is told when a script or a handler fails.
#ifndef CURFEW_GUEST_RUNTIME_FAILURE_H
#define CURFEW_GUEST_RUNTIME_FAILURE_H

#include "guest/quickjs/cbor_writer.h"
#include "guest/quickjs/writer.h"

namespace curfew::guest {

bool is_syntax_error(JSContext* context, JSValueConst thrown);

struct ScriptFailure {
    Writer message;          // one sentence or line, such as "TypeError: x is not a function"
    Writer stack;            // a line a frame, innermost first, each with file, line and column; may be empty
    CborWriter description;  // the same and more, for programs; empty if the message says all
    uint32_t flags = 0;

    // Takes the pending exception, and describes it.
    void describe_exception(JSContext* context);

    // Describes a value that was thrown, or that a promise was rejected with.
    void describe(JSContext* context, JSValueConst thrown);

    // The same for an exception of the compiler: a SyntaxError gets its flag and its place.
    void describe_syntax_error(JSContext* context);

    // Adds the place that the first frame names, "(handler.js:3:14)", to the message.
    void add_place();

    // Makes it the guest's answer to the current request.
    void stage() const;
};

}  // namespace curfew::guest

#endif
