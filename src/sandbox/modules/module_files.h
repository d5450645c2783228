// Which files can be modules, by their names' endings.
#ifndef CURFEW_SANDBOX_MODULE_FILES_H
#define CURFEW_SANDBOX_MODULE_FILES_H

#include <optional>
#include <string_view>

#include "wire/mailbox.h"

namespace curfew::sandbox {

// Why a file cannot be a module, whatever is in it: "is native code, ...". Nothing for all others.
std::optional<std::string_view> why_no_module(std::string_view path);

// Of a file that can.
wire::ModuleKind module_kind(std::string_view path);

}  // namespace curfew::sandbox

#endif
