// Modules that a program has given by name, in place of files.
#ifndef CURFEW_SANDBOX_NAMED_MODULES_H
#define CURFEW_SANDBOX_NAMED_MODULES_H

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <curfew/error.h>

namespace curfew::sandbox {

// Source by what it is imported as, "user:tools" say. What is shared never changes.
using NamedModules = std::map<std::string, std::string, std::less<>>;

// None in place of an empty list.
inline std::shared_ptr<const NamedModules> shared(const NamedModules& modules) {
    return modules.empty() ? nullptr : std::make_shared<const NamedModules>(modules);
}

inline constexpr std::size_t kMaxNamedModules = 4096;

// The one name of a module; `invalid_argument` for a name or space that cannot be.
Result<std::string> module_specifier(std::string_view name, std::string_view space);

// Whether module_specifier() could have made it.
bool is_module_specifier(std::string_view specifier);

}  // namespace curfew::sandbox

#endif
