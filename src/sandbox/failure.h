// Errors of this part, in words.
#ifndef CURFEW_SANDBOX_FAILURE_H
#define CURFEW_SANDBOX_FAILURE_H

#include <string>
#include <utility>

#include <curfew/error.h>

namespace curfew::sandbox {

inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
    return std::unexpected(Error{.code = code, .message = std::move(message)});
}

inline std::unexpected<Error> consumed(const char* what) {
    return fail(
        ErrorCode::consumed,
        std::string("this ") + what + " was moved from or turned into its next state; use the object that came of it");
}

}  // namespace curfew::sandbox

#endif
