// The host functions of a sandbox, by module and name.
#ifndef CURFEW_SANDBOX_HOST_FUNCTIONS_H
#define CURFEW_SANDBOX_HOST_FUNCTIONS_H

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <curfew/host/detail/function.h>
#include <curfew/monitor/invocation.h>

#include "sandbox/guest_services.h"

namespace curfew::sandbox {

// What a function looks like from the guest.
struct HostFunctionShape {
    std::string module;
    std::string function;  // empty: the module has none
    std::string signature;

    friend bool operator==(const HostFunctionShape&, const HostFunctionShape&) = default;
};

// Never changes: adding makes a new one, so that sandboxes can share them. All functions are thread-safe.
class HostFunctions {
  public:
    // The same with one function more, or another in its place; with a module more, if the function is null. A module's
    // name begins with kHostPrefix if it answers to that only. Nothing if there is one of the other kind already.
    static std::shared_ptr<const HostFunctions> with(const std::shared_ptr<const HostFunctions>& others,
                                                     std::string_view module, std::string function,
                                                     std::shared_ptr<const host::detail::Function> added);

    // Whether `import` of what follows kHostPrefix, or of what does not have it, finds a module.
    bool answers_to(std::string_view module, bool with_prefix) const noexcept;

    // The same, with JavaScript through which scripts see a module that is there.
    static std::shared_ptr<const HostFunctions> with_front(const std::shared_ptr<const HostFunctions>& others,
                                                           std::string_view module, std::string source);

    // That JavaScript, of a module by its name without prefix; null if it has none.
    const std::string* front_of(std::string_view module) const noexcept;

    // By its whole name.
    bool has_module(std::string_view module) const noexcept;

    // Of these the module's name is the one without prefix, of modules of both kinds.
    //
    // The names of a module's functions, each behind its wire::FunctionMark, in the order of their registration. Nothing if
    // there is no such module.
    std::optional<std::vector<std::string>> functions_of(std::string_view module) const;

    // Null if there is none.
    std::shared_ptr<const host::detail::Function> find(std::string_view module,
                                                       std::string_view function) const noexcept;

    // Calls a function that was found by these names, on this thread: by start() if there is a reply. Throws nothing but a
    // thread's cancellation.
    static host::detail::Outcome call(const host::detail::Function& body, std::string_view module,
                                      std::string_view function, const CallContext& context, std::uint32_t count,
                                      std::string_view arguments,
                                      std::shared_ptr<host::detail::PendingReply> reply = nullptr);

    // host_result or host_error.
    static HostReply reply_of(host::detail::Outcome outcome, std::string_view module, std::string_view function);

    static HostReply no_such_function(std::string_view module, std::string_view function);

    // Everything that there is, sorted by module and name.
    std::vector<HostFunctionShape> shapes() const;

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
    };
    template <typename T>
    using ByName = std::unordered_map<std::string, T, Hash, std::equal_to<>>;

    struct Module {
        bool prefixed_only = false;
        std::string front;               // empty: none
        std::vector<std::string> names;  // in the order of registration
        ByName<std::shared_ptr<const host::detail::Function>> functions;
    };

    ByName<std::shared_ptr<const Module>> modules_;
};

// What of `wanted` a sandbox with these functions would lack, or have in another shape, as part of a sentence. Nothing
// if it has them all; it may have more. `functions` may be null.
std::optional<std::string> what_is_missing(std::span<const HostFunctionShape> wanted, const HostFunctions* functions);

}  // namespace curfew::sandbox

#endif
