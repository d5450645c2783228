// Points in time as people write them.
#ifndef CURFEW_LIMITS_POINT_IN_TIME_H
#define CURFEW_LIMITS_POINT_IN_TIME_H

#include <chrono>
#include <string>
#include <string_view>
#include <variant>

#include <curfew/error.h>

namespace curfew::limits {

// So long from now, which setting the system's clock does not change; or a time by that clock.
using PointInTime = std::variant<std::chrono::nanoseconds, std::chrono::system_clock::time_point>;

// A plus and a duration ("+1.5s"), or date and time with a zone as in RFC 3339 ("2026-11-24T23:59:00Z",
// "2026-11-24T23:59:00.25+01:00"). A time that lies further away than the clock can tell is its last one. Anything else,
// and a time that is not after `now`, is an `invalid_argument` whose message says what is wrong and gives an example.
Result<PointInTime> parse_point_in_time(std::string_view text, std::chrono::system_clock::time_point now);

// The same text, for a time in UTC: "+1500ms", "2026-11-24T23:59:00.25Z".
std::string point_in_time_text(const PointInTime& point);

}  // namespace curfew::limits

#endif
