// A file of tools, as language models are told of them: names, comments and JSON Schemas.
#ifndef CURFEW_CLI_TOOLS_H
#define CURFEW_CLI_TOOLS_H

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <curfew/error.h>
#include <curfew/host/description.h>

#include "cli/request.h"

namespace curfew::cli {

inline constexpr std::size_t kMostTools = 4096;
inline constexpr std::string_view kModuleOfTools = "tools";  // of a tool whose name has no module before a dot

struct Tool {
    HostFunctionName name;
    HostDescription description;
};

// An array of tools, or an object whose `tools` are that, as the Model Context Protocol lists them. A tool is an object with
// `name`, and if wanted `description`, `inputSchema` (also `input_schema` or `parameters`) and `outputSchema` (also
// `output_schema`); one that stands in `function`, beside a `type`, is taken from there. Fails with `invalid_argument`; `what` names
// the text in messages.
Result<std::vector<Tool>> parse_tools(std::string_view json, const std::string& what);

// The tools of SandboxOptions::tools, and those that were named one by one.
Result<std::vector<Tool>> tools_of(const SandboxOptions& options);

// "tools.delete" as its two parts; the last dot counts. Nothing if one of them is missing.
std::optional<HostFunctionName> parse_function_name(std::string_view name);

}  // namespace curfew::cli

#endif
