// Programs of the machine that do what this library does not do itself: fetch, unpack and hash packages.
#ifndef CURFEW_ENGINE_STORE_TOOL_H
#define CURFEW_ENGINE_STORE_TOOL_H

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <curfew/error.h>

namespace curfew::engine {

struct ToolRequest {
    std::vector<std::string> command;  // its first word is looked for in PATH
    std::string package{};             // of Debian, that has the program: for the message if it is not there
    std::string folder{};              // where it works; empty: where this process does
    int input = -1;                    // becomes its standard input, from the file's beginning on; -1: there is none
    std::chrono::milliseconds time_limit = std::chrono::minutes(30);
};

// Takes a tool's standard output, piece by piece. A failure ends the tool.
using ToolOutput = std::function<Result<void>(std::span<const std::byte>)>;

// Runs a tool to its end. It has this process's environment, so that the user's settings hold. Fails with `unavailable` if it is not
// there or takes too long, and with what `output` failed with; with `internal` if the tool failed, which the message quotes: what
// that means is for the caller to say. The calling process must not ignore SIGCHLD.
Result<void> run_tool(const ToolRequest& request, const ToolOutput& output);

// The same of a tool that has little to say: what it said, without white space at the end.
Result<std::string> ask_tool(const ToolRequest& request);

// The SHA-2 of a file, in hexadecimal: bits is 256 or 512. The descriptor's position is lost.
Result<std::string> sha2_of(int descriptor, unsigned bits);

}  // namespace curfew::engine

#endif
