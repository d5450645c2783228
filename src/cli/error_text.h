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

// All that is known of an error, as JSON.
nlohmann::ordered_json error_json(const Error& error);

}  // namespace curfew::cli

#endif
