// What handlers, scripts and host functions may be called, and how many there may be: the same for those that a program
// adds and those that a snapshot's file claims.
#ifndef CURFEW_SANDBOX_NAMES_H
#define CURFEW_SANDBOX_NAMES_H

#include <cstddef>
#include <string_view>

#include <curfew/file_system.h>
#include <curfew/sandbox.h>

#include "base/name.h"
#include "base/utf8.h"

namespace curfew::sandbox {

using base::is_name;  // of handlers, host modules and host functions

inline constexpr std::size_t kMaxHandlers = Sandbox::kMaxHandlers;

// Of a script, which is often its path.
inline bool is_script_name(std::string_view text) noexcept {
    return text.size() <= FileSystem::kLongestPath && !text.contains('\0') && base::is_utf8(text);
}

}  // namespace curfew::sandbox

#endif
