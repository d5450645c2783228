#include "cli/bench.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include <curfew/engine.h>

#include "cli/exit_status.h"

namespace curfew::cli {

int bench(const BenchOptions& options, Console& console) {
    std::error_code unknown;
    const std::filesystem::path command = std::filesystem::read_symlink("/proc/self/exe", unknown);
    std::string program = command.parent_path() / "curfew-bench";

    std::vector<std::string> words{program};
    if (!options.filter.empty()) words.insert(words.end(), {"--only", options.filter});
    if (options.engine) words.insert(words.end(), {"--engine", std::string(name_of(*options.engine))});
    if (options.json) words.emplace_back("--json");
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);

    ::execv(program.c_str(), arguments.data());
    console.message("The benchmarks could not be started from " + program + ": " +
                    std::generic_category().message(errno) +
                    ". In a clone of Curfew, ./dev bench builds and runs them.");
    return kFailed;
}

}  // namespace curfew::cli
