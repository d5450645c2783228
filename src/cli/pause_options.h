// The command lines of what has to do with functions that the command leaves open: curfew resume and curfew describe.
#ifndef CURFEW_CLI_PAUSE_OPTIONS_H
#define CURFEW_CLI_PAUSE_OPTIONS_H

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <span>
#include <string>
#include <vector>

#include <curfew/error.h>

#include "cli/request.h"

namespace curfew::cli {

inline constexpr const char* kToolsHelp =
    "A file of such functions, as language models are told of tools: JSON, an array of objects with name, description, "
    "inputSchema and outputSchema, or an object whose tools are that";

// An option that takes a function's name, and may be given several times.
CLI::Option* add_names(CLI::App& app, const char* option, std::vector<std::string>& names, const char* help);

// Takes the names into the functions that are left open. What is wrong with them; empty if nothing is.
std::string read_names(const std::vector<std::string>& names, const std::string& option, SandboxOptions& into);

// Take the arguments after the command's name.
Result<Request> parse_resume(std::span<const std::string> arguments);
Result<Request> parse_describe(std::span<const std::string> arguments);

}  // namespace curfew::cli

#endif
