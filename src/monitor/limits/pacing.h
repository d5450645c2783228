// When to measure next.
#ifndef CURFEW_SRC_MONITOR_PACING_H
#define CURFEW_SRC_MONITOR_PACING_H

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace curfew::monitor::detail {

// For something that is used up no faster than wall-clock time passes: with r left, the next reading is due
// in r. That is exact, but someone who has little left and does not use it would be read again and again. So
// a reading that finds little used since the last one doubles a shortest wait, up to a part of the limit; one
// that finds more resets it.
class Pacing {
  public:
    using Nanoseconds = std::chrono::nanoseconds;

    explicit Pacing(Nanoseconds limit) noexcept
        : longest_floor_(std::clamp(limit / 32, kShortest, Nanoseconds(std::chrono::milliseconds(10)))) {}

    // `left` is what the latest reading found, `used` what was used since the one before, `waited` the time
    // between.
    Nanoseconds next(Nanoseconds left, Nanoseconds used, Nanoseconds waited) noexcept {
        // Not when nothing was used at all: two readings at one instant have no ratio.
        if (used > Nanoseconds::zero() && used >= waited / 2) {
            floor_ = kShortest;
            // What others took of the CPU meanwhile they may take again. Bounded while it is a floating-point number,
            // because a limit may be as long as an integer can say.
            const double taken = static_cast<double>((waited - used).count()) / static_cast<double>(used.count());
            const double again = std::clamp(static_cast<double>(left.count()) * taken, 0.0, kMostTaken);
            const Nanoseconds more = kMargin + Nanoseconds(static_cast<std::int64_t>(again));
            left = std::min(left, Nanoseconds::max() - more) + more;
        } else if (left < longest_floor_) {
            floor_ = std::min(floor_ * 2, longest_floor_);
        }
        return std::max(left, floor_);
    }

  private:
    static constexpr Nanoseconds kShortest = std::chrono::microseconds(50);  // about a wake-up's latency
    static constexpr Nanoseconds kMargin = std::chrono::microseconds(20);
    static constexpr double kMostTaken = 100'000;  // nanoseconds
    const Nanoseconds longest_floor_;
    Nanoseconds floor_ = kShortest;
};

}  // namespace curfew::monitor::detail

#endif
