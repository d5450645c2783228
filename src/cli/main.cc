// The curfew command.
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <expected>
#include <iostream>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <curfew/engine.h>

#include "cli/bench.h"
#include "cli/command_line.h"
#include "cli/console.h"
#include "cli/describe.h"
#include "cli/doctor.h"
#include "cli/engine.h"
#include "cli/exit_status.h"
#include "cli/outcome.h"
#include "cli/resume.h"
#include "cli/run.h"
#include "cli/snapshot.h"

namespace {

using namespace curfew::cli;

// One function for each kind of request.
struct Execute {
    Console& console;

    int operator()(const ShowText& shown) const {
        std::string_view text = shown.text;
        if (text.ends_with('\n')) text.remove_suffix(1);
        return console.result(text) ? kDone : kFailed;
    }
    int operator()(const ShowVersion& shown) const {
        std::string text = "curfew " + shown.version;
        for (const curfew::EngineInfo& info : curfew::engines()) {
            text.append("\n").append(info.name).append(": ").append(info.product).append(" ").append(info.version);
        }
        return console.result(text) ? kDone : kFailed;
    }
    int operator()(const RunOptions& options) const { return run(options, console); }
    int operator()(const SnapshotOptions& options) const { return snapshot(options, console); }
    int operator()(const ResumeOptions& options) const { return resume(options, console); }
    int operator()(const DescribeOptions& options) const { return describe(options, console); }
    int operator()(const EngineOptions& options) const { return engine(options, console); }
    int operator()(const DoctorOptions& options) const { return doctor(options, console); }
    int operator()(const BenchOptions& options) const { return bench(options, console); }
};

// Also for a command line that cannot be understood. A word after -- is a file's name.
bool asks_for_json(const std::vector<std::string>& words) {
    const auto end_of_options = std::ranges::find(words, "--");
    return std::find(words.begin(), end_of_options, "--json") != end_of_options;
}

curfew::Error lacking(std::string message) {
    return {.code = curfew::ErrorCode::unavailable, .message = std::move(message)};
}

int refuse(curfew::Error error, bool as_json, Console& console) {
    return report({.result = std::unexpected(std::move(error)), .usage = {}}, as_json, console);
}

}  // namespace

int main(int count, char** arguments) {
    // The streams are used from one thread, and C's are not used at all.
    std::ios::sync_with_stdio(false);
    Console console(std::cout, isatty(STDOUT_FILENO) == 1, std::cerr, isatty(STDERR_FILENO) == 1);
    const std::vector<std::string> words(arguments + (count > 0 ? 1 : 0), arguments + count);
    const bool as_json = asks_for_json(words);
    try {
        const auto request = parse_command_line(words);
        if (!request) return refuse(request.error(), as_json, console);
        return std::visit(Execute{console}, *request);
    } catch (const std::system_error& error) {
        // What the command itself needs beside a cell: a few descriptors, a thread.
        return refuse(lacking(std::string("This process could not get a thread or a file descriptor (") + error.what() +
                              "). Raise the limits of processes (ulimit -u), of open files (ulimit -n) and of memory "
                              "(ulimit -v, -d), or have a container's profile allow clone3."),
                      as_json, console);
    } catch (const std::bad_alloc&) {
        return refuse(lacking("There is no memory left. Raise the limits of memory (ulimit -v, -d), or free some."),
                      as_json, console);
    } catch (const std::exception& exception) {
        console.message(std::string("This should not have happened: ") + exception.what() + ".");
        return kFailed;
    }
}
