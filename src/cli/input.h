// What the command reads: bounded, whatever a file, a pipe or a device holds.
#ifndef CURFEW_CLI_INPUT_H
#define CURFEW_CLI_INPUT_H

#include <cstddef>
#include <istream>
#include <string>

#include <curfew/script.h>

namespace curfew::cli {

// Bytes of an event or a script at most. More is refused before it fills the memory of this machine.
inline constexpr std::size_t kLargestInput = Script::kLargestFile;

// Reads to the end. `what` and `source` name it in messages: "The event", "standard input".
Result<std::string> read_all(std::istream& in, const std::string& what, const std::string& source,
                             std::size_t most = kLargestInput);

// The script of a file; "-" is standard input, which has no folder.
Result<Script> read_script(const std::string& file, std::istream& standard_input);

}  // namespace curfew::cli

#endif
