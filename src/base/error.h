// Making an error.
#ifndef CURFEW_BASE_ERROR_H
#define CURFEW_BASE_ERROR_H

#include <string>
#include <utility>

#include <curfew/error.h>

namespace curfew::base {

// return fail(ErrorCode::invalid_argument, "..."): for functions that return a Result of anything.
inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
    return std::unexpected(Error{.code = code, .message = std::move(message)});
}

}  // namespace curfew::base

#endif
