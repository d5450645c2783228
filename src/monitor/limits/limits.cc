#include "monitor/limits/limits.h"

#include <stdexcept>
#include <string>

#include "base/quantity_text.h"

namespace curfew::monitor::detail {

std::chrono::nanoseconds positive_limit(const char* monitor, std::chrono::nanoseconds limit) {
    if (limit > std::chrono::nanoseconds::zero()) return limit;
    throw std::invalid_argument(std::string(monitor) + ": the limit must be greater than zero, but is " +
                                base::duration_text(limit) +
                                "; give a positive duration, or std::chrono::nanoseconds::max() for no limit");
}

std::uint64_t positive_limit(const char* monitor, std::uint64_t limit) {
    if (limit > 0) return limit;
    throw std::invalid_argument(std::string(monitor) +
                                ": the limit must be greater than zero; give a positive number, or the largest "
                                "std::uint64_t for no limit");
}

}  // namespace curfew::monitor::detail
