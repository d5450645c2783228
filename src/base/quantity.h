// Durations, sizes and counts as people write them, and as they are shown to people.
#ifndef CURFEW_BASE_QUANTITY_H
#define CURFEW_BASE_QUANTITY_H

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <curfew/error.h>

namespace curfew::base {

// A number above zero, with or without decimals, and a unit: ns, us, ms, s, m or h ("500ms", "1.5s"). Anything else
// is an `invalid_argument` whose message says what is wrong with the text and gives an example.
Result<std::chrono::nanoseconds> parse_duration(std::string_view text);

// The same for bytes: KiB, MiB, GiB, kB, KB, MB, GB, B, or no unit for bytes ("16MiB", "1.5GiB", "65536").
Result<std::uint64_t> parse_size(std::string_view text);

// A whole number from 1 to `most`.
Result<std::uint64_t> parse_count(std::string_view text, std::uint64_t most);

// The reverse of the first two, with three significant digits and the unit that suits: "48.1 us", "2 s", "1.25 MiB", "512 bytes".
std::string format_duration(std::chrono::nanoseconds duration);
std::string format_size(std::uint64_t bytes);

}  // namespace curfew::base

#endif
