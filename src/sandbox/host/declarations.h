// Host functions as TypeScript declares them.
#ifndef CURFEW_SANDBOX_DECLARATIONS_H
#define CURFEW_SANDBOX_DECLARATIONS_H

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include <curfew/error.h>
#include <curfew/host/description.h>

#include "sandbox/host/host_functions.h"

namespace curfew::sandbox {

// What was said of a module's functions.
struct HostDescriptions {
    std::map<std::string, HostDescription, std::less<>> by_function;
};

// A JSON Schema as a type. Fails with `invalid_argument`, and the reason as a part of a sentence, for what is no schema.
Result<std::string> type_of_schema(std::string_view schema);

// `declare module` for each module of the shapes, which are sorted by it. `of` gives a module's descriptions, or null.
std::string declarations(std::span<const HostFunctionShape> shapes,
                         const std::function<const HostDescriptions*(std::string_view module)>& of);

}  // namespace curfew::sandbox

#endif
