// Words for error messages.
#ifndef CURFEW_SRC_MONITOR_TEXT_H
#define CURFEW_SRC_MONITOR_TEXT_H

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <curfew/usage.h>

namespace curfew::monitor::detail {

std::string duration_text(std::chrono::nanoseconds duration);  // "500 ms", "1.002 s", "no limit" for the longest
std::string bytes_text(std::uint64_t bytes);                   // "16 MiB", "1000 bytes"
std::string quoted(std::string_view name);                     // in quotes, control characters escaped
std::string usage_text(const Usage& usage);                    // "12.5 ms of wall-clock time, ...": what is not zero

}  // namespace curfew::monitor::detail

#endif
