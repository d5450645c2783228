// What the command reads: bounded in size and in time, whatever a file, a pipe or a device holds.
#ifndef CURFEW_CLI_INPUT_H
#define CURFEW_CLI_INPUT_H

#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <curfew/limits.h>
#include <curfew/script.h>

namespace curfew::cli {

// Bytes of an event or a script at most. More is refused before it fills the memory of this machine.
inline constexpr std::size_t kLargestInput = Script::kLargestFile;

// A limit that is reached at this time, whatever happens.
struct TimeLimit {
    std::string_view name;  // its monitor's
    std::string value;      // as it is written
    std::chrono::steady_clock::time_point start;
    std::chrono::steady_clock::time_point end;
};

// The first of those among the limits, if there is one: what is read before there is a handler takes time as well.
std::optional<TimeLimit> first_time_limit(std::span<const LimitSetting> limits,
                                          std::chrono::steady_clock::time_point start);

// Where to read from, and until when.
struct Input {
    int standard_input = STDIN_FILENO;
    std::optional<TimeLimit> limit{};
    std::size_t largest = kLargestInput;
};

// Standard input, to its end. `what` names it in messages: "The event". Fails with `invalid_argument`, and with
// `cancelled` and the limit's name if that is reached before the end.
Result<std::string> read_standard_input(const Input& input, const std::string& what);

// The same of a file.
Result<std::string> read_file(const std::string& path, const Input& input, const std::string& what);

// The script of a file; "-" is standard input, which has no folder.
Result<Script> read_script(const std::string& file, const Input& input);

}  // namespace curfew::cli

#endif
