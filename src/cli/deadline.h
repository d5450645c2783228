// Points in time as people write them on a command line.
#ifndef CURFEW_CLI_DEADLINE_H
#define CURFEW_CLI_DEADLINE_H

#include <chrono>
#include <string_view>
#include <variant>

#include <curfew/error.h>

namespace curfew::cli {

// So long from now, which setting the system's clock does not change; or a time by that clock.
using Deadline = std::variant<std::chrono::nanoseconds, std::chrono::system_clock::time_point>;

// A plus and a duration ("+1.5s"), or date and time with a zone as in RFC 3339 ("2026-11-24T23:59:00Z",
// "2026-11-24T23:59:00.25+01:00"). A time that lies further away than the clock can tell is its last one. Anything else,
// and a time that is not after `now`, is an `invalid_argument` whose message says what is wrong and gives an example.
Result<Deadline> parse_deadline(std::string_view text, std::chrono::system_clock::time_point now);

}  // namespace curfew::cli

#endif
