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

}  // namespace curfew::sandbox

#endif
