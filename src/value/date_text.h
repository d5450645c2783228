// Times as JavaScript's dates have them: milliseconds since 1970, and their text.
#ifndef CURFEW_VALUE_DATE_TEXT_H
#define CURFEW_VALUE_DATE_TEXT_H

#include <optional>
#include <string>
#include <string_view>

namespace curfew::value {

// NaN for what is beyond the dates of JavaScript.
double date_in_range(double milliseconds) noexcept;

// Reads RFC 3339: "2025-12-24T18:00:00.5+01:00".
std::optional<double> date_of_text(std::string_view text) noexcept;

// As Date.prototype.toISOString() has it. For a date that is not NaN.
std::string text_of_date(double milliseconds);

}  // namespace curfew::value

#endif
