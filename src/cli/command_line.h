// What the command was asked to do. Reads the command line only; touches no files and starts nothing.
#ifndef CURFEW_CLI_COMMAND_LINE_H
#define CURFEW_CLI_COMMAND_LINE_H

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include <curfew/error.h>

#include "cli/deadline.h"

namespace curfew::cli {

// curfew run
struct RunOptions {
    std::string file;
    std::optional<std::string> snapshot{};  // takes the place of `file`
    std::string event = "{}";
    std::optional<std::string> event_file{};  // takes the place of `event`; "-" is standard input
    std::optional<std::chrono::nanoseconds> wall{};
    std::optional<std::chrono::nanoseconds> cpu{};
    std::optional<std::uint64_t> memory{};
    std::optional<std::uint64_t> host_calls{};
    std::optional<std::uint64_t> output{};
    std::optional<Deadline> deadline{};
    std::optional<std::uint64_t> heap{};
    std::optional<std::string> modules{};  // the folder that imports are served from
    std::uint64_t repeat = 1;
    bool json = false;

    friend bool operator==(const RunOptions&, const RunOptions&) = default;
};

// curfew snapshot
struct SnapshotOptions {
    std::string file;
    std::string out;
    std::optional<std::chrono::nanoseconds> wall{};
    std::optional<std::chrono::nanoseconds> cpu{};
    std::optional<std::uint64_t> heap{};

    friend bool operator==(const SnapshotOptions&, const SnapshotOptions&) = default;
};

// curfew doctor
struct DoctorOptions {
    friend bool operator==(const DoctorOptions&, const DoctorOptions&) = default;
};

// curfew bench
struct BenchOptions {
    std::string filter;  // only rows whose names contain this
    bool json = false;

    friend bool operator==(const BenchOptions&, const BenchOptions&) = default;
};

// --help and --version: a text for standard output.
struct ShowText {
    std::string text;

    friend bool operator==(const ShowText&, const ShowText&) = default;
};

using Request = std::variant<ShowText, RunOptions, SnapshotOptions, DoctorOptions, BenchOptions>;

// Takes the arguments after the program's name. Whatever is wrong with them is an `invalid_argument` whose message
// says so, gives an example, and names the help that says more.
Result<Request> parse_command_line(std::span<const std::string> arguments);

}  // namespace curfew::cli

#endif
