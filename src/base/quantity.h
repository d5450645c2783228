// Durations, sizes and counts as people write them; base/quantity_text.h has the reverse.
#ifndef CURFEW_BASE_QUANTITY_H
#define CURFEW_BASE_QUANTITY_H

#include <chrono>
#include <cstdint>
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

}  // namespace curfew::base

#endif
