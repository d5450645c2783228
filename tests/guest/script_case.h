// What a file of tests/guest/scripts/ says has to happen; the README.md there describes the format.
#ifndef CURFEW_TESTS_GUEST_SCRIPT_CASE_H
#define CURFEW_TESTS_GUEST_SCRIPT_CASE_H

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace curfew::guest::testing {

// One request: loading, or a call.
struct Expectation {
    std::string event = "null";           // of a call
    std::optional<std::string> result{};  // of a call that succeeds
    std::vector<std::string> errors{};    // parts of a failure's message; none: it succeeds
    std::vector<std::string> stack{};     // parts of a failure's stack
    std::uint32_t flags = 0;              // of a failure
    std::vector<std::string> printed{};   // "level text"
    std::optional<std::size_t> prints{};  // how many things are printed, if not all are listed
};

struct ScriptCase {
    std::string name;  // the file's
    std::string source;
    std::uint64_t heap = 16 << 20;
    Expectation load;
    std::vector<Expectation> calls;
};

// As the file has it for that engine, "quickjs" or "node". Throws std::runtime_error for a file that cannot be read, or a
// directive that is not known.
ScriptCase read_script_case(const std::filesystem::path& file, std::string_view engine = "quickjs");

}  // namespace curfew::guest::testing

#endif
