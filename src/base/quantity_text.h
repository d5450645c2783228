// Durations, sizes and usage as texts for people.
#ifndef CURFEW_BASE_QUANTITY_TEXT_H
#define CURFEW_BASE_QUANTITY_TEXT_H

#include <chrono>
#include <cstdint>
#include <string>

#include <curfew/usage.h>

namespace curfew::base {

// What somebody set, a limit say, as it was set.
std::string duration_text(std::chrono::nanoseconds duration);  // "500 ms", "1.002 s", "no limit" for the longest
std::string size_text(std::uint64_t bytes);                    // "16 MiB", "1000 bytes"

// What was measured: three digits that count.
std::string measured_duration_text(std::chrono::nanoseconds duration);  // "48.1 us", "2 s"
std::string measured_size_text(std::uint64_t bytes);                    // "1.25 MiB", "512 bytes"

// What was measured and is not zero: "12.5 ms of wall-clock time, 12.1 ms of CPU time, 1 host call".
std::string usage_text(const Usage& usage);

}  // namespace curfew::base

#endif
