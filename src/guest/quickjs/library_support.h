// What scripts of the library get from native code, as the object `native`.
#ifndef CURFEW_GUEST_RUNTIME_LIBRARY_SUPPORT_H
#define CURFEW_GUEST_RUNTIME_LIBRARY_SUPPORT_H

#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

// The object for scripts in the handlers' realm, or for packages in theirs. An exception when memory runs out.
JSValue make_script_support(JSContext* context);
JSValue make_package_support(JSContext* realm);

}  // namespace curfew::guest

#endif
