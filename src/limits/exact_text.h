// Amounts as texts that are read back without loss.
#ifndef CURFEW_LIMITS_EXACT_TEXT_H
#define CURFEW_LIMITS_EXACT_TEXT_H

#include <chrono>
#include <cstdint>
#include <string>

namespace curfew::limits {

// In the largest unit of which there are whole ones: "1500ms", "64KiB", "1000" bytes. Only for what is above zero.
std::string duration_text(std::chrono::nanoseconds duration);
std::string size_text(std::uint64_t bytes);

}  // namespace curfew::limits

#endif
