// Which modules a script can import. So far there are none: whatever is imported, the error names it.
#ifndef CURFEW_GUEST_RUNTIME_MODULES_H
#define CURFEW_GUEST_RUNTIME_MODULES_H

#include "guest/engine/engine.h"

namespace curfew::guest {

void install_module_loader(JSRuntime* engine);

}  // namespace curfew::guest

#endif
