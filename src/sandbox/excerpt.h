// Texts of guests and packages in messages.
#ifndef CURFEW_SANDBOX_EXCERPT_H
#define CURFEW_SANDBOX_EXCERPT_H

#include <string>
#include <string_view>

#include "sandbox/utf8.h"

namespace curfew::sandbox {

// Valid UTF-8, and short enough to be read.
inline std::string excerpt(std::string_view text) {
    constexpr std::size_t kMost = 160;
    return to_valid_utf8(std::string(text.substr(0, kMost))) + (text.size() > kMost ? "..." : "");
}

inline std::string quoted_excerpt(std::string_view text) { return "\"" + excerpt(text) + "\""; }

}  // namespace curfew::sandbox

#endif
