// A sandbox's CPU clock, which follows its cell.
#ifndef CURFEW_SANDBOX_CELL_CLOCK_H
#define CURFEW_SANDBOX_CELL_CLOCK_H

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <curfew/monitor/cpu_clock.h>

#include "cell/cell.h"

namespace curfew::sandbox {

// The CPU clock of whichever cell a core has at the time. Between invocations it stands still: what the cell uses there
// nobody asked for, and so it counts as used by the next invocation.
class CellCpuClock final : public CpuClock {
  public:
    // Cells that one invocation can have, one after the other.
    static constexpr std::size_t kMaxCells = 4;

    // Null: none. The cell must exist as long as it is followed. Not during an invocation.
    void follow(const cell::Cell* cell) noexcept {
        for (auto& each : cells_) each.store(nullptr, std::memory_order_relaxed);
        cells_.front().store(cell, std::memory_order_relaxed);
        left_out_.store(0, std::memory_order_relaxed);
        stop();
    }

    // In an invocation, while others read the clock: its cell is dead, and `cell` goes on in its place. What all have used
    // counts. They must exist until follow(). At most kMaxCells with the first.
    void go_on_with(const cell::Cell& cell) noexcept;

    // Stops it at what the cell has used by now: the host's affair, and not the next invocation's.
    void stop() noexcept { stop_at(sum(&cell::Cell::cpu_time)); }

    // While it stands still in the middle of an invocation: what the cell has used meanwhile was the host's affair, and never
    // counts.
    void leave_out() noexcept {
        const auto now = sum(&cell::Cell::cpu_time);
        const auto at = stopped_at();
        if (now && at) left_out_.fetch_add((*now - *at).count(), std::memory_order_relaxed);
    }

    // What the cell's own clock showed when this stopped last; nothing if it could not be read.
    std::optional<std::chrono::nanoseconds> cell_stopped_at() const noexcept {
        auto at = stopped_at();
        if (at) *at += std::chrono::nanoseconds(left_out_.load(std::memory_order_relaxed));
        return at;
    }

    // Stops it at the end of an invocation that was told that it has used this much.
    void stop_after(std::chrono::nanoseconds used) noexcept {
        if (const auto at = stopped_at()) stop_at(*at + used);
    }

    bool stopped() const noexcept { return stopped_.load(std::memory_order_acquire); }
    void go_on() noexcept { stopped_.store(false, std::memory_order_release); }

    // Where it stopped last; nothing if the cell's time could not be read.
    std::optional<std::chrono::nanoseconds> stopped_at() const noexcept {
        const std::int64_t at = stopped_at_.load(std::memory_order_relaxed);
        return at == kUnreadable ? std::nullopt : std::optional(std::chrono::nanoseconds(at));
    }

    std::optional<std::chrono::nanoseconds> now() const noexcept override;
    std::optional<std::chrono::nanoseconds> now_while_running() const noexcept override;

  private:
    using Reading = std::optional<std::chrono::nanoseconds> (cell::Cell::*)() const noexcept;
    std::optional<std::chrono::nanoseconds> sum(Reading reading) const noexcept;

    void stop_at(std::optional<std::chrono::nanoseconds> time) noexcept {
        stopped_at_.store(time ? time->count() : kUnreadable, std::memory_order_relaxed);
        stopped_.store(true, std::memory_order_release);
    }

    std::array<std::atomic<const cell::Cell*>, kMaxCells> cells_{};  // the last of them lives
    static constexpr std::int64_t kUnreadable = -1;
    std::atomic<std::int64_t> stopped_at_ = kUnreadable;  // others may ask while an invocation goes on
    std::atomic<std::int64_t> left_out_ = 0;
    std::atomic<bool> stopped_ = true;
};

}  // namespace curfew::sandbox

#endif
