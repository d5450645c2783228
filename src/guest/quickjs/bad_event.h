// What the host is told of an event that is not JSON.
#ifndef CURFEW_GUEST_RUNTIME_BAD_EVENT_H
#define CURFEW_GUEST_RUNTIME_BAD_EVENT_H

#include "guest/quickjs/failure.h"

namespace curfew::guest {

// What the engine is told that the event's file is called.
inline constexpr char kEventFile[] = "<event>";

// Describes the engine's SyntaxError for this event: what is wrong, at which byte, and in which line and
// column, both of which count bytes from 1.
void describe_bad_event(JSContext* context, JSValueConst error, Bytes event, ScriptFailure& failure);

}  // namespace curfew::guest

#endif
