// What was used within the last period, by time of use.
#ifndef CURFEW_SRC_MONITOR_SLIDING_USE_H
#define CURFEW_SRC_MONITOR_SLIDING_USE_H

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

namespace curfew::monitor::detail {

// The period is cut into steps. The sum covers the present step and kSteps before it, so never less than a
// whole period. What is used beyond the allowance is a debt: it counts as used later, as soon as the
// allowance has room for it, so that exceeding it a little in every period does not add up.
class SlidingUse {
  public:
    using Nanoseconds = std::chrono::nanoseconds;
    static constexpr std::int64_t kSteps = 32;

    // `step` counts steps since some fixed moment and must not go back.
    void advance(std::int64_t step) noexcept {
        const std::int64_t passed = std::min(step - present_, kSteps + 1);
        for (std::int64_t i = 1; i <= passed; ++i) {
            Nanoseconds& oldest = used_[index(step - passed + i)];
            sum_ -= oldest;
            oldest = Nanoseconds::zero();
        }
        present_ = std::max(present_, step);
    }

    void add(Nanoseconds amount, Nanoseconds allowance) noexcept {
        debt_ += amount;
        settle(allowance);
    }

    // Lets debts count as used now, as far as the allowance has room. If it has become smaller than what was
    // used within the period, the latest of that becomes a debt.
    void settle(Nanoseconds allowance) noexcept {
        if (sum_ <= allowance) {
            return move_to_debt(present_, -std::min(allowance - sum_, debt_));
        }
        for (std::int64_t step = present_; sum_ > allowance && step >= present_ - kSteps; --step) {
            move_to_debt(step, std::min(sum_ - allowance, used_[index(step)]));
        }
    }

    // Used within the period, and owed.
    Nanoseconds sum() const noexcept { return sum_ + debt_; }

  private:
    static std::size_t index(std::int64_t step) noexcept {
        return static_cast<std::size_t>((step + kSteps + 1) % (kSteps + 1));
    }

    void move_to_debt(std::int64_t step, Nanoseconds amount) noexcept {
        used_[index(step)] -= amount;
        sum_ -= amount;
        debt_ += amount;
    }

    std::array<Nanoseconds, kSteps + 1> used_{};
    Nanoseconds sum_{};
    Nanoseconds debt_{};
    std::int64_t present_ = 0;
};

}  // namespace curfew::monitor::detail

#endif
