// What handlers, scripts and host functions may be called, and how many there may be: the same for those that a program
// adds and those that a snapshot's file claims.
#ifndef CURFEW_SANDBOX_NAMES_H
#define CURFEW_SANDBOX_NAMES_H

#include <cstddef>
#include <string_view>

#include <curfew/file_system.h>
#include <curfew/host_module.h>
#include <curfew/sandbox.h>

#include "sandbox/utf8.h"

namespace curfew::sandbox {

inline constexpr std::size_t kMaxHandlers = Sandbox::kMaxHandlers;

// Of a handler, a host module or a host function.
inline bool is_name(std::string_view text) noexcept {
    return !text.empty() && text.size() <= HostModule::kMaxNameLength && !text.contains('\0') && is_utf8(text);
}

// Of a script, which is often its path.
inline bool is_script_name(std::string_view text) noexcept {
    return text.size() <= FileSystem::kLongestPath && !text.contains('\0') && is_utf8(text);
}

}  // namespace curfew::sandbox

#endif
