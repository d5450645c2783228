// What a run came to, for people and as JSON.
#ifndef CURFEW_TESTS_CONFORM_REPORT_H
#define CURFEW_TESTS_CONFORM_REPORT_H

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "outcome.h"
#include "suite.h"

namespace curfew::conform {

struct Failure {
    Case test;
    Outcome outcome;
    std::optional<Outcome> beside{};  // in an ordinary Node, if it was run there
};

struct Report {
    std::string suite{};   // "test262"
    std::string engine{};  // "node"
    std::size_t passed = 0;
    std::size_t parts_passed = 0;
    std::size_t parts_failed = 0;
    std::vector<Failure> failures{};
    std::vector<Skipped> skipped{};
    std::chrono::milliseconds time{};
};

// Throws std::invalid_argument if there are not as many outcomes as cases.
Report make_report(const Plan& plan, const std::vector<Outcome>& outcomes);

// A line for each failure, then the summary.
std::string text_of(const Report& report);

// The counts, in one line.
std::string json_of(const Report& report);

}  // namespace curfew::conform

#endif
