// Command lines, as their tests read them.
#ifndef CURFEW_CLI_TESTING_PARSED_H
#define CURFEW_CLI_TESTING_PARSED_H

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "cli/command_line.h"

namespace curfew::cli {

using Arguments = std::vector<std::string>;

// Of a command line that asks for that; a failure of the test for any other.
template <typename Options>
Options options_of(const Arguments& arguments) {
    const Result<Request> request = parse_command_line(arguments);
    if (!request) {
        ADD_FAILURE() << request.error().message;
        return {};
    }
    return std::get<Options>(*request);
}

// What is wrong with it.
inline std::string refusal(const Arguments& arguments) {
    const Result<Request> request = parse_command_line(arguments);
    EXPECT_FALSE(request.has_value());
    if (request) return "";
    EXPECT_EQ(request.error().code, ErrorCode::invalid_argument);
    return request.error().message;
}

// Of one that asks for a text, such as help.
inline std::string shown_text(const Arguments& arguments) {
    const Result<Request> request = parse_command_line(arguments);
    return request ? std::get<ShowText>(*request).text : request.error().message;
}

}  // namespace curfew::cli

#endif
