// What was thrown, as CBOR for the host: src/sandbox/error_description.h says in which form. Nothing that a script threw can
// make it long, deep or slow: no getters run but those of an error's name, message and stack, no traps of proxies, and what
// is too much is left out.
#ifndef CURFEW_GUEST_RUNTIME_ERROR_DESCRIPTION_H
#define CURFEW_GUEST_RUNTIME_ERROR_DESCRIPTION_H

#include "guest/quickjs/cbor_writer.h"
#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

void describe_thrown(JSContext* context, CborWriter& out, JSValueConst thrown);

}  // namespace curfew::guest

#endif
