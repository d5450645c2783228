// What scripts hand over where the web's interfaces take any iterable.
#ifndef CURFEW_GUEST_RUNTIME_ITERABLES_H
#define CURFEW_GUEST_RUNTIME_ITERABLES_H

#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

// An array of what an object gives when it is iterated over. An exception if that throws, or it cannot be iterated over: `what` is the
// subject of the message then.
JSValue array_of_iterable(JSContext* context, JSValueConst object, const char* what);

}  // namespace curfew::guest

#endif
