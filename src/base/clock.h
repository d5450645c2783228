// The kernel's clocks.
#ifndef CURFEW_BASE_CLOCK_H
#define CURFEW_BASE_CLOCK_H

#include <time.h>

#include <chrono>
#include <optional>

namespace curfew::base {

// What the clock shows; nothing if it cannot be read, because what it measures is gone, say.
inline std::optional<std::chrono::nanoseconds> read_clock(clockid_t clock) noexcept {
    timespec time{};
    if (::clock_gettime(clock, &time) != 0) return std::nullopt;
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// What the calling thread has used of the CPU so far. That clock can always be read.
inline std::chrono::nanoseconds thread_cpu_time() noexcept {
    return read_clock(CLOCK_THREAD_CPUTIME_ID).value_or(std::chrono::nanoseconds::zero());
}

}  // namespace curfew::base

#endif
