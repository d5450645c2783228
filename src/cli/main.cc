// The curfew command.
#include <unistd.h>

#include <exception>
#include <iostream>
#include <string>
#include <variant>
#include <vector>

#include "cli/bench.h"
#include "cli/command_line.h"
#include "cli/console.h"
#include "cli/doctor.h"
#include "cli/exit_status.h"
#include "cli/run.h"
#include "cli/snapshot.h"

namespace {

using namespace curfew::cli;

// One function for each kind of request.
struct Execute {
    Console& console;

    int operator()(const ShowText& shown) const {
        std::cout << shown.text << std::flush;
        return std::cout.good() ? kDone : kFailed;
    }
    int operator()(const RunOptions& options) const { return run(options, console); }
    int operator()(const SnapshotOptions& options) const { return snapshot(options, console); }
    int operator()(const DoctorOptions&) const { return doctor(console); }
    int operator()(const BenchOptions& options) const { return bench(options, console); }
};

}  // namespace

int main(int count, char** arguments) {
    // The streams are used from one thread, and C's are not used at all.
    std::ios::sync_with_stdio(false);
    Console console(std::cin, std::cout, isatty(STDOUT_FILENO) == 1, std::cerr, isatty(STDERR_FILENO) == 1);
    try {
        const auto request =
            parse_command_line(std::vector<std::string>(arguments + (count > 0 ? 1 : 0), arguments + count));
        if (!request) {
            console.message(request.error().message);
            return kWrongUsage;
        }
        return std::visit(Execute{console}, *request);
    } catch (const std::exception& exception) {
        console.message(std::string("This should not have happened: ") + exception.what() + ".");
        return kFailed;
    }
}
