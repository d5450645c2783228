#include "sandbox/cell_clock.h"

namespace curfew::sandbox {

std::optional<std::chrono::nanoseconds> CellCpuClock::now() const noexcept {
    if (stopped_.load(std::memory_order_acquire)) return stopped_at_;
    return cell_ ? cell_->cpu_time() : std::nullopt;
}

std::optional<std::chrono::nanoseconds> CellCpuClock::now_while_running() const noexcept {
    if (stopped_.load(std::memory_order_acquire)) return stopped_at_;
    return cell_ ? cell_->exact_cpu_time() : std::nullopt;
}

}  // namespace curfew::sandbox
