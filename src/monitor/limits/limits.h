// What the constructors of the built-in monitors check.
#ifndef CURFEW_SRC_MONITOR_LIMITS_H
#define CURFEW_SRC_MONITOR_LIMITS_H

#include <chrono>
#include <cstdint>

namespace curfew::monitor::detail {

// Return the limit; throw std::invalid_argument if it is zero or less. `monitor` is the class's name.
std::chrono::nanoseconds positive_limit(const char* monitor, std::chrono::nanoseconds limit);
std::uint64_t positive_limit(const char* monitor, std::uint64_t limit);

}  // namespace curfew::monitor::detail

#endif
