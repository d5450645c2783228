// Durations and sizes as people write them on a command line, and as the command prints them.
#ifndef CURFEW_CLI_QUANTITY_H
#define CURFEW_CLI_QUANTITY_H

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <curfew/error.h>

namespace curfew::cli {

// A number above zero, with or without decimals, and a unit: ns, us, ms, s, m or h ("500ms", "1.5s"). Anything else
// is an `invalid_argument` whose message says what is wrong with the text and gives an example.
Result<std::chrono::nanoseconds> parse_duration(std::string_view text);

// The same for bytes: KiB, MiB, GiB, kB, KB, MB, GB, B, or no unit for bytes ("16MiB", "1.5GiB", "65536").
Result<std::uint64_t> parse_size(std::string_view text);

// The reverse, with three significant digits and the unit that suits: "48.1 us", "2 s", "1.25 MiB", "512 bytes".
std::string format_duration(std::chrono::nanoseconds duration);
std::string format_size(std::uint64_t bytes);

}  // namespace curfew::cli

#endif
