// Where in a value something is, and what it is, in words.
#ifndef CURFEW_GUEST_RUNTIME_VALUE_PLACE_H
#define CURFEW_GUEST_RUNTIME_VALUE_PLACE_H

#include "guest/quickjs/writer.h"

namespace curfew::guest {

// Appends a step from a value to one in it: ".name", "[3]"; of a member of a Map or Set, "[member]" (name JS_ATOM_NULL, index -1).
void write_step(JSContext* context, Writer& out, JSAtom name, int64_t index);

// What a value is that cannot be passed, with an article: "a Promise". `value` is an object.
void write_class(JSContext* context, Writer& out, JSValueConst object);

}  // namespace curfew::guest

#endif
