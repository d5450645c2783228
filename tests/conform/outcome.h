// What became of one case.
#ifndef CURFEW_TESTS_CONFORM_OUTCOME_H
#define CURFEW_TESTS_CONFORM_OUTCOME_H

#include <cstddef>
#include <string>
#include <string_view>

#include <curfew/error.h>
#include <curfew/sandbox.h>

namespace curfew::conform {

struct Outcome {
    bool passed = false;
    std::string message{};         // why not
    std::size_t parts_passed = 0;  // of a file that has several tests
    std::size_t parts_failed = 0;
    bool crashed = false;  // the cell died
    bool ended = false;    // by a limit
};

// Of a handler's result: a text, which is empty if the test passed, or { passed, failures } of a file of tests.
Outcome outcome_of_result(std::string_view json);

Outcome outcome_of(const Result<EventResult>& call);

}  // namespace curfew::conform

#endif
