// The host functions of a sandbox, by module and name.
#ifndef CURFEW_SANDBOX_HOST_FUNCTIONS_H
#define CURFEW_SANDBOX_HOST_FUNCTIONS_H

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <curfew/monitor.h>

#include "sandbox/guest_services.h"

namespace curfew::sandbox {

// What a function looks like from the guest.
struct HostFunctionShape {
    std::string module;
    std::string function;  // empty: the module has none
    std::string signature;

    friend bool operator==(const HostFunctionShape&, const HostFunctionShape&) = default;
};

// Const functions are thread-safe.
class HostFunctions {
  public:
    // Everything that there is, sorted by module and name.
    std::vector<HostFunctionShape> shapes() const;

    // The names of a module's functions, in the order of their registration. Nothing if there is no such module.
    std::optional<std::vector<std::string>> functions_of(std::string_view module) const;

    // Calls a function on this thread. Answers host_result or host_error; never throws.
    HostReply call(std::string_view module, std::string_view function, const Invocation& call, std::uint32_t count,
                   std::string_view arguments) const;
};

// What of `wanted` a sandbox with these functions would lack, or have in another shape, as part of a sentence. Nothing
// if it has them all; it may have more. `functions` may be null.
std::optional<std::string> what_is_missing(std::span<const HostFunctionShape> wanted, const HostFunctions* functions);

}  // namespace curfew::sandbox

#endif
