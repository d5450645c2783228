// Values as text for people to read, on one line, as `console.log` shows them: { name: 'x', list: [ 1, 2
// ] }.
//
// Looks at values without running the handler's code as far as that goes: no getters of objects, no traps of
// proxies. Safe for cycles and for structures of any size: what is deep or long is cut, and says so.
#ifndef CURFEW_GUEST_RUNTIME_INSPECT_H
#define CURFEW_GUEST_RUNTIME_INSPECT_H

#include "guest/quickjs/writer.h"

namespace curfew::guest {

// What `typeof` says, with an article: "a string".
const char* kind_of(JSContext* context, JSValueConst value);

// True for an Error or a DOMException.
bool is_error(JSValueConst value);

// Appends a value as `console.log` shows it: a string as it is, an error with its stack, anything else
// inspected.
void write_loose(JSContext* context, Writer& out, JSValueConst value);

// Appends an error as "TypeError: x is not a function", without its stack.
void write_error(JSContext* context, Writer& out, JSValueConst error);

// Appends what the console's functions print for these arguments: a first string's %s, %d, %i, %f, %j, %o,
// %O, %c and %% are replaced, and the other arguments follow with blanks between them.
void write_arguments(JSContext* context, Writer& out, int count, JSValueConst* arguments);

}  // namespace curfew::guest

#endif
