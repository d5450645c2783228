// Takes the types out of TypeScript, in a cell of its own. Never in this process, nor in a tenant's cell, from where what it
// gives could reach other tenants: it is kept, by the source.
#ifndef CURFEW_SANDBOX_TYPE_STRIPPER_H
#define CURFEW_SANDBOX_TYPE_STRIPPER_H

#include <cstddef>
#include <stop_token>
#include <string>
#include <string_view>

#include <curfew/error.h>

namespace curfew::sandbox {

// Bytes of a source; more would take longer than anybody waits for.
inline constexpr std::size_t kLargestTypeScript = 4 << 20;

// Bytes of sources and results that are kept, all together; the longest unused go first.
inline constexpr std::size_t kMostKeptTypeScript = 32 << 20;

// JavaScript with every line and column where it was; a type leaves blanks. The name is for messages, and a source whose
// name ends with ".cts" is CommonJS. Fails with `handler_error` for what does not parse or needs more than its types taken
// away, with the place; with `invalid_argument` for too large a source; with `cancelled` when it takes more than ten seconds of
// CPU time or is stopped; and where no cell can be made. Thread-safe.
Result<std::string> strip_types(std::string_view name, std::string_view source, std::stop_token stop = {});

// Whether a file of this name is TypeScript.
inline bool is_typescript_name(std::string_view name) noexcept {
    return name.ends_with(".ts") || name.ends_with(".mts") || name.ends_with(".cts");
}

}  // namespace curfew::sandbox

#endif
