// The host functions of a sandbox, by module and name.
#ifndef CURFEW_SANDBOX_HOST_FUNCTIONS_H
#define CURFEW_SANDBOX_HOST_FUNCTIONS_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <curfew/monitor.h>

#include "sandbox/guest_services.h"

namespace curfew::sandbox {

// Const functions are thread-safe.
class HostFunctions {
  public:
    // The names of a module's functions, in the order of their registration. Nothing if there is no such module.
    std::optional<std::vector<std::string>> functions_of(std::string_view module) const;

    // Calls a function on this thread. Answers host_result or host_error; never throws.
    HostReply call(std::string_view module, std::string_view function, const Invocation& call, std::uint32_t count,
                   std::string_view arguments) const;
};

}  // namespace curfew::sandbox

#endif
