// The process back end: a cell is a process with nothing in it but guest memory, the mailbox and the trampoline.
// docs/design/cell.md says how it works and why.
#ifndef CURFEW_CELL_PROCESS_PROCESS_CELL_H
#define CURFEW_CELL_PROCESS_PROCESS_CELL_H

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <curfew/error.h>

#include "cell/cell.h"
#include "cell/descriptor.h"
#include "cell/process/handshake.h"
#include "cell/process/reset_plan.h"
#include "cell/process/rest.h"
#include "cell/process/spawner.h"
#include "cell/process/written_pages.h"

namespace curfew::cell {

class ProcessCell final : public Cell {
  public:
    // As make_cell().
    static Result<std::unique_ptr<ProcessCell>> spawn(std::shared_ptr<const MemoryImage> image,
                                                      const CellOptions& options);

    wire::Mailbox& mailbox() noexcept override;
    using Cell::window;
    std::span<std::byte> window(std::uint64_t bytes) noexcept override;
    Stop resume() override;
    void rest(std::chrono::nanoseconds cpu_time) noexcept override;
    bool wake() override;
    void interrupt() noexcept override { handshake_.interrupt(); }
    bool interrupted() const noexcept override { return handshake_.interrupted(); }
    Result<void> reset() override;
    Result<std::shared_ptr<const MemoryImage>> snapshot() override;
    void teach_hot_pages() override;
    const std::shared_ptr<const MemoryImage>& image() const noexcept override { return image_; }
    std::optional<std::chrono::nanoseconds> cpu_time() const noexcept override { return process_.cpu_time(); }
    std::optional<std::chrono::nanoseconds> exact_cpu_time() const noexcept override {
        return process_.exact_cpu_time();
    }
    std::uint64_t pages_written() const noexcept override;
    bool lost_before_entry() const noexcept override { return lost_before_entry_; }
    const Death& death() const noexcept override { return death_; }

    // For tests that look at the process from outside.
    pid_t pid() const noexcept { return process_.pid(); }

  private:
    using Clock = Handshake::Clock;

    ProcessCell(std::shared_ptr<const MemoryImage> image, SharedMapping mailbox, CellProcess process,
                const CellOptions& options);

    HandshakeWords& words() noexcept { return handshake_words(mailbox()); }
    std::chrono::nanoseconds used() const noexcept { return process_.cpu_time().value_or(std::chrono::nanoseconds(0)); }

    // Taking turns.
    Result<void> ensure_started();
    bool survives(DeathKind found);
    Stop sort_out(std::uint32_t turn);
    Stop stop_for_interrupt();
    bool halts(const char* if_not);

    // Going back to the image, and saving the state.
    bool parks() noexcept;
    void put_plan(ResetStep* to, std::uint64_t address, std::uint32_t command) noexcept;
    Result<void> reset_now();
    Result<void> complete_reset();
    std::span<std::byte, wire::kWindowSize> whole_window() noexcept;
    void wipe_mailbox() noexcept;
    void wipe_window() noexcept;
    HotPages::Ranges hot_pages_of(const MemoryImage& image);
    std::vector<Piece> pieces_to_save(std::uint64_t stack_pointer);
    Result<void> copy_out(MemoryFile& file, const Piece& piece, std::chrono::nanoseconds cpu_deadline);

    // Ending.
    static Death describe(DeathKind found);
    Stop die(Death death);
    Death explain_end();
    bool ended_for_want_of_memory() noexcept;
    Death without_memory() const;

    std::shared_ptr<const MemoryImage> image_;
    const bool leaves_nothing_;  // see CellOptions
    Cgroup* const cgroup_;       // likewise
    SharedMapping mailbox_;
    CellProcess process_;
    Handshake handshake_;
    Rest rest_;
    WrittenPages written_;
    ResetPlan plan_;
    bool started_ = false;       // the guest has parked for the first time
    bool entered_ = false;       // the guest has run since it started, or was reset
    bool was_reset_ = false;     // so that some pages may have been written before that only
    bool resets_first_ = false;  // the next turn that the guest gets begins with the reset that was planned
    bool lost_before_entry_ = false;
    std::uint64_t window_used_ = 0;  // bytes that the host has used since the last reset
    bool window_rest_gone_ = false;  // nothing of the window but its first page was in memory after the last wipe
    Death death_;
};

}  // namespace curfew::cell

#endif
