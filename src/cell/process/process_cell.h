// The process back end: a cell is a process with nothing in it but guest memory, the mailbox and the trampoline.
// docs/design/cell.md says how it works and why.
#ifndef CURFEW_CELL_PROCESS_PROCESS_CELL_H
#define CURFEW_CELL_PROCESS_PROCESS_CELL_H

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <curfew/error.h>

#include "cell/cell.h"
#include "cell/descriptor.h"
#include "cell/process/affinity.h"
#include "cell/process/reset_plan.h"
#include "cell/process/spawner.h"
#include "cell/process/written_pages.h"

namespace curfew::cell {

class ProcessCell final : public Cell {
  public:
    // A cell in the state of `image`, parked. It may still be setting itself up when this returns; if that fails, as it
    // may for want of memory, the first resume() says so. Fails with `unavailable` where cells cannot be made.
    static Result<std::unique_ptr<ProcessCell>> spawn(std::shared_ptr<const MemoryImage> image, Handover handover);

    ~ProcessCell() override;

    wire::Mailbox& mailbox() noexcept override;
    std::span<std::byte, wire::kWindowSize> window() noexcept override;
    Stop resume() override;
    void interrupt() noexcept override;
    bool interrupted() const noexcept override { return ticket_.load(std::memory_order_acquire) != 0; }
    Result<void> reset() override;
    Result<std::shared_ptr<const MemoryImage>> snapshot() override;
    const std::shared_ptr<const MemoryImage>& image() const noexcept override { return image_; }
    clockid_t cpu_clock() const noexcept override;
    std::uint64_t pages_written() const noexcept override;
    bool lost_before_entry() const noexcept override { return lost_before_entry_; }
    const std::string& death() const noexcept override { return death_; }

    pid_t pid() const noexcept { return process_.pid(); }

  private:
    using Clock = std::chrono::steady_clock;

    ProcessCell(std::shared_ptr<const MemoryImage> image, SharedMapping mailbox, CellProcess process,
                Handover handover);

    std::uint32_t guest_turn() const noexcept;
    std::uint32_t exchange(Clock::time_point deadline) noexcept;
    std::uint32_t await_turn(std::uint32_t while_it_is, Clock::time_point deadline) noexcept;
    Stop sort_out(std::uint32_t turn) noexcept;
    bool await_acknowledgement(std::uint64_t ticket, std::chrono::nanoseconds limit, const char* if_not) noexcept;
    bool keeps_still() noexcept;
    bool asleep() noexcept;
    long waiters() noexcept;
    void choose_place() noexcept;
    Result<void> ensure_started() noexcept;
    Result<void> copy_out(MemoryFile& file, const SavedPiece& piece, std::chrono::nanoseconds cpu_deadline);
    bool parks() noexcept;
    void put_plan(wire::ResetStep* to, std::uint64_t address, std::uint32_t command) noexcept;
    Result<void> reset_now();
    Result<void> complete_reset();
    void learn_hot_pages() noexcept;
    void wipe_mailbox() noexcept;
    void note_window_use() noexcept;
    Stop die(std::string reason) noexcept;
    std::string describe_end() noexcept;

    std::shared_ptr<const MemoryImage> image_;
    SharedMapping mailbox_;
    CellProcess process_;
    Handover handover_;
    CellAffinity affinity_;
    WrittenPages written_;
    ResetPlan plan_;
    bool resets_first_ = false;  // the next turn that the guest gets begins with the reset that was planned
    bool lost_before_entry_ = false;
    std::uint32_t window_used_ = 0;          // bytes, by the longest message since the last reset
    bool spins_ = false;                     // in this call
    bool started_ = false;                   // the guest has parked for the first time
    std::chrono::nanoseconds parked_at_{};   // by coarse_now(), as the next one
    std::chrono::nanoseconds watched_at_{};  // when keeps_still() last looked
    std::atomic<std::uint64_t> ticket_ = 0;  // of the interrupt that was sent; 0: none
    std::string death_;
};

}  // namespace curfew::cell

#endif
