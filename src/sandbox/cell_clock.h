// A sandbox's CPU clock, which follows its cell.
#ifndef CURFEW_SANDBOX_CELL_CLOCK_H
#define CURFEW_SANDBOX_CELL_CLOCK_H

#include <atomic>
#include <chrono>
#include <optional>

#include <curfew/monitor/cpu_clock.h>

#include "cell/cell.h"

namespace curfew::sandbox {

// The CPU clock of whichever cell a core has at the time. Between invocations it stands still: what the cell uses there
// nobody asked for, and so it counts as used by the next invocation.
class CellCpuClock final : public CpuClock {
  public:
    // Null: none. The cell must exist as long as it is followed.
    void follow(const cell::Cell* cell) noexcept {
        cell_ = cell;
        stop();
    }

    // Stops it at what the cell has used by now: the host's affair, and not the next invocation's.
    void stop() noexcept { stop_at(cell_ ? cell_->cpu_time() : std::nullopt); }

    // Stops it at the end of an invocation that was told that it has used this much.
    void stop_after(std::chrono::nanoseconds used) noexcept {
        if (stopped_at_) stop_at(*stopped_at_ + used);
    }

    bool stopped() const noexcept { return stopped_.load(std::memory_order_acquire); }
    void go_on() noexcept { stopped_.store(false, std::memory_order_release); }

    // Where it stopped last; nothing if the cell's time could not be read.
    const std::optional<std::chrono::nanoseconds>& stopped_at() const noexcept { return stopped_at_; }

    std::optional<std::chrono::nanoseconds> now() const noexcept override;
    std::optional<std::chrono::nanoseconds> now_while_running() const noexcept override;

  private:
    void stop_at(std::optional<std::chrono::nanoseconds> time) noexcept {
        stopped_at_ = time;
        stopped_.store(true, std::memory_order_release);
    }

    const cell::Cell* cell_ = nullptr;
    std::optional<std::chrono::nanoseconds> stopped_at_;  // not changed during invocations, in which others may ask
    std::atomic<bool> stopped_ = true;
};

}  // namespace curfew::sandbox

#endif
