// How things are measured: several of them by turns, so that whatever else the machine does hits all alike.
// Nothing that was measured is left out; medians and percentiles come of all of it.
#ifndef CURFEW_BENCH_TABLE_MEASURE_H
#define CURFEW_BENCH_TABLE_MEASURE_H

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <curfew/error.h>

namespace curfew::bench {

using Clock = std::chrono::steady_clock;  // CLOCK_MONOTONIC

inline double nanoseconds(Clock::duration duration) {
    return std::chrono::duration<double, std::nano>(duration).count();
}

// One of the things that take turns.
struct Subject {
    std::function<Result<double>()> once;  // does it once, and gives what was measured, in the row's unit
    std::function<void()> before_turn{};   // outside of what is measured; either may be empty
    std::function<void()> after_turn{};
};

// A subject of which all is measured, by the clock. `work` gives a Result.
template <typename Work>
std::function<Result<double>()> timed(Work work) {
    return [work = std::move(work)]() -> Result<double> {
        const auto begin = Clock::now();
        const auto done = work();
        const auto end = Clock::now();
        if (!done) return std::unexpected(done.error());
        return nanoseconds(end - begin);
    };
}

struct Turns {
    std::size_t rounds;       // how often each has its turn
    std::size_t batch = 1;    // how often it is done in a turn
    std::size_t warm_up = 0;  // how often each is done beforehand, unmeasured
};

// The measurements of each subject. Stops at the first failure.
Result<std::vector<std::vector<double>>> by_turns(Turns turns, const std::vector<Subject>& subjects);

// For what fails in the bench itself: `what` failed, for the reason that errno gives.
std::unexpected<Error> failed_call(const std::string& what);

}  // namespace curfew::bench

#endif
