// structuredClone, as the HTML standard describes it.
#ifndef CURFEW_GUEST_RUNTIME_STRUCTURED_CLONE_H
#define CURFEW_GUEST_RUNTIME_STRUCTURED_CLONE_H

#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

// structuredClone(value, { transfer })
JSValue structured_clone(JSContext* context, JSValueConst self, int count, JSValueConst* arguments);

}  // namespace curfew::guest

#endif
