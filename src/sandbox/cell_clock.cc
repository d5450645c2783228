#include "sandbox/cell_clock.h"

#include <algorithm>

namespace curfew::sandbox {

using std::chrono::nanoseconds;

std::optional<nanoseconds> CellCpuClock::now() const noexcept {
    return stopped_.load(std::memory_order_acquire) ? stopped_at() : sum(&cell::Cell::cpu_time);
}

std::optional<nanoseconds> CellCpuClock::now_while_running() const noexcept {
    return stopped_.load(std::memory_order_acquire) ? stopped_at() : sum(&cell::Cell::exact_cpu_time);
}

void CellCpuClock::go_on_with(const cell::Cell& cell) noexcept {
    const auto free =
        std::ranges::find_if(cells_, [](const auto& each) { return each.load(std::memory_order_relaxed) == nullptr; });
    // Pairs with sum()'s acquire, so that who reads the pointer finds the cell whole.
    if (free != cells_.end()) free->store(&cell, std::memory_order_release);
}

std::optional<nanoseconds> CellCpuClock::sum(Reading reading) const noexcept {
    std::optional<nanoseconds> sum;
    for (const auto& each : cells_) {
        const cell::Cell* const cell = each.load(std::memory_order_acquire);
        if (cell == nullptr) break;
        const auto used = (cell->*reading)();
        if (!used) return std::nullopt;
        sum = sum.value_or(nanoseconds(0)) + *used;
    }
    if (sum) *sum -= nanoseconds(left_out_.load(std::memory_order_relaxed));
    return sum;
}

}  // namespace curfew::sandbox
