#include "sandbox/host_functions.h"

namespace curfew::sandbox {

std::optional<std::vector<std::string>> HostFunctions::functions_of(std::string_view) const { return std::nullopt; }

HostReply HostFunctions::call(std::string_view module, std::string_view function, const Invocation&, std::uint32_t,
                              std::string_view) const {
    return HostReply::error("there is no host function " + std::string(function) + " in the module " +
                            std::string(module));
}

std::vector<HostFunctionShape> HostFunctions::shapes() const { return {}; }

std::optional<std::string> what_is_missing(std::span<const HostFunctionShape> wanted, const HostFunctions*) {
    if (wanted.empty()) return std::nullopt;
    return "the function " + wanted.front().function + " of the module " + wanted.front().module;
}

}  // namespace curfew::sandbox
