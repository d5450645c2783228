// Errors of this part, in words.
#ifndef CURFEW_SANDBOX_FAILURE_H
#define CURFEW_SANDBOX_FAILURE_H

#include <string>

#include "base/error.h"

namespace curfew::sandbox {

using base::fail;

inline std::unexpected<Error> consumed(const char* what) {
    return fail(
        ErrorCode::consumed,
        std::string("this ") + what + " was moved from or turned into its next state; use the object that came of it");
}

inline std::unexpected<Error> inherited_sandbox() {
    return fail(ErrorCode::invalid_argument,
                "this sandbox belongs to the process that this one was forked from, and only that one can use it; make "
                "a new one here, for example with LoadedSandbox::from_snapshot()");
}

}  // namespace curfew::sandbox

#endif
