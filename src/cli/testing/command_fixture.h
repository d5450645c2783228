// Running the command itself, for tests.
#ifndef CURFEW_CLI_TESTING_COMMAND_FIXTURE_H
#define CURFEW_CLI_TESTING_COMMAND_FIXTURE_H

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "support/subprocess.h"

namespace curfew::cli {

using testing_support::Finished;
using testing_support::run_program;
using testing_support::Subprocess;
using Words = std::vector<std::string>;

inline const std::string kCommand = CURFEW_COMMAND;
inline const std::string kDeny = CURFEW_DENY;
inline const std::string kExamples = CURFEW_EXAMPLES;
inline const std::string kRedirect = kExamples + "/redirect/handler.js";

inline Words command(const Words& arguments) {
    Words words{kCommand};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return words;
}

inline Finished curfew(const Words& arguments, std::string_view in = {}) { return run_program(command(arguments), in); }

// A folder for a test's files, gone at the test's end.
class CurfewCommand : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = std::filesystem::temp_directory_path() / "curfew-test-XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string file(const std::string& name, std::string_view content) const {
        const std::filesystem::path path = folder_ / name;
        std::ofstream(path, std::ios::binary) << content;
        return path;
    }

    // Runs a script's handler.
    Finished run(std::string_view script, const Words& options = {}) const {
        Words arguments{"run", file("handler.js", script)};
        arguments.insert(arguments.end(), options.begin(), options.end());
        return curfew(arguments);
    }

    std::filesystem::path folder_;
};

using CurfewRun = CurfewCommand;

}  // namespace curfew::cli

#endif
