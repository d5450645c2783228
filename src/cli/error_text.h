// What JavaScript threw, for people and for programs.
#ifndef CURFEW_CLI_ERROR_TEXT_H
#define CURFEW_CLI_ERROR_TEXT_H

#include <nlohmann/json_fwd.hpp>

#include <string>

#include <curfew/error.h>

namespace curfew::cli {

// The line where it was thrown, with a caret below the column, and a line feed at its end; empty if it is not known:
//
//   3 |   event.customer.greet();
//     |                  ^
std::string source_excerpt(const Error& error);

// What caused the error, and the errors of an AggregateError, each below a line feed, with their stacks; empty if there is nothing of that
// kind, or if the stack has it, as that of Node.js does:
//
//   [cause]: TypeError: inner
//       at handler (handler.js:3:54)
//   [errors][0]: RangeError: one of them
std::string causes(const Error& error);

// All that is known of an error, as JSON.
nlohmann::ordered_json error_json(const Error& error);

}  // namespace curfew::cli

#endif
