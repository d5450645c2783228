// Errors of this part, in words.
#ifndef CURFEW_CELL_FAILURE_H
#define CURFEW_CELL_FAILURE_H

#include <cerrno>
#include <string>
#include <system_error>

#include "base/error.h"

namespace curfew::cell {

using base::fail;

// The machine lacks something: `what` could not be done, for the reason that `error` (an errno) gives.
inline std::unexpected<Error> unavailable(const std::string& what, int error, const std::string& remedy) {
    return fail(ErrorCode::unavailable, "no isolation is available here: " + what + " failed (" +
                                            std::generic_category().message(error) + "). " + remedy);
}

}  // namespace curfew::cell

#endif
