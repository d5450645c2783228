// Durations without wrap-around: whatever does not fit into nanoseconds becomes the longest or shortest one.
#ifndef CURFEW_BASE_SATURATE_H
#define CURFEW_BASE_SATURATE_H

#include <curfew/language.h>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace curfew::base {

using Nanoseconds = std::chrono::nanoseconds;
using SteadyTime = std::chrono::steady_clock::time_point;
static_assert(std::is_same_v<SteadyTime::duration, Nanoseconds>, "steady_clock counts nanoseconds on Linux");

// A duration in nanoseconds, cut to what they can hold. Not a number becomes zero, which no limit accepts.
template <typename Rep, typename Period>
constexpr Nanoseconds saturate(std::chrono::duration<Rep, Period> duration) noexcept {
    if constexpr (std::is_same_v<std::chrono::duration<Rep, Period>, Nanoseconds>) {
        return duration;
    } else {
        // long double holds all 64 bits of a count on x86-64, so this comparison loses nothing that matters.
        const auto exact = std::chrono::duration<long double, std::nano>(duration).count();
        if (exact != exact) return Nanoseconds::zero();
        if (exact >= static_cast<long double>(Nanoseconds::max().count())) return Nanoseconds::max();
        if (exact <= static_cast<long double>(Nanoseconds::min().count())) return Nanoseconds::min();
        return std::chrono::duration_cast<Nanoseconds>(duration);
    }
}

// start + length; the end of time if that overflows or length is the longest duration, which means "no
// limit".
constexpr SteadyTime saturating_add(SteadyTime start, Nanoseconds length) noexcept {
    if (length == Nanoseconds::max()) return SteadyTime::max();
    std::int64_t sum = 0;
    if (__builtin_add_overflow(start.time_since_epoch().count(), length.count(), &sum)) {
        return length > Nanoseconds::zero() ? SteadyTime::max() : SteadyTime::min();
    }
    return SteadyTime(Nanoseconds(sum));
}

// A count without wrap-around: what is negative becomes zero, which no limit accepts.
template <std::integral T>
constexpr std::uint64_t saturate(T count) noexcept {
    if constexpr (std::signed_integral<T>) {
        if (count < 0) return 0;
    }
    return static_cast<std::uint64_t>(count);
}

}  // namespace curfew::base

#endif
