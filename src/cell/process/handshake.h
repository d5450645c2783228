// Whose turn it is: how the host hands it to a cell and gets it back, and how it takes it from one that keeps it.
//
// A word in the mailbox says whose turn it is. While the guest has it, the word looks like a robust mutex that its thread
// holds, so that the kernel changes it and wakes the host when that thread dies. docs/design/cell.md has the reasons.
#ifndef CURFEW_CELL_PROCESS_HANDSHAKE_H
#define CURFEW_CELL_PROCESS_HANDSHAKE_H

#include <atomic>
#include <chrono>
#include <cstdint>

#include "cell/cell.h"
#include "cell/process/affinity.h"
#include "cell/process/shared/handshake_words.h"
#include "cell/process/spawner.h"

namespace curfew::cell {

// Used by the thread that uses the cell, but for interrupt() and interrupted(), which any thread may call.
class Handshake {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr Clock::time_point kForEver = Clock::time_point::max();

    // The turn of a cell that has not parked for the first time: nobody's.
    static constexpr std::uint32_t kStarting = 0;

    // `words` are in the mailbox of `process`. Both must outlive this.
    Handshake(HandshakeWords& words, CellProcess& process, Handover handover) noexcept;

    // Before the turn is given for a call: chooses where the cell runs, and whether both sides spin before they sleep.
    void choose_place() noexcept;

    // No more spinning until the next choose_place().
    void block() noexcept { spins_ = false; }
    bool spins() const noexcept { return spins_; }

    std::uint32_t turn() const noexcept;

    // True if the guest is bound to the CPU that the calling thread is on, and so does not run now.
    bool guest_is_here() const noexcept { return affinity_.cpu() >= 0 && ::sched_getcpu() == affinity_.cpu(); }

    // What the turn is while the guest has it.
    std::uint32_t guest_turn() const noexcept;

    // These three return the turn when it is another than it was, when the process is dead, or at the deadline. The first
    // two also when an interrupt is under way.
    std::uint32_t give(Clock::time_point deadline) noexcept;         // to the guest, if it is the host's
    std::uint32_t order_reset(Clock::time_point deadline) noexcept;  // to the trampoline, of a guest that does not run
    std::uint32_t await_start(Clock::time_point deadline) noexcept;  // of a new cell

    // How many threads wait in the kernel for the turn, by the kernel's word: of the host's turn, 0 or 1; -1 if the turn is
    // not the host's. Moving a waiter from the futex to the same futex changes nothing, and tells whether there is one.
    long waiters() const noexcept;

    // Stops the guest wherever it is, soon. Counts once until forget_interrupt().
    void interrupt() noexcept;
    bool interrupted() const noexcept { return ticket_.load(std::memory_order_acquire) != 0; }
    void forget_interrupt() noexcept { ticket_.store(0, std::memory_order_release); }

    enum class Reaction : std::uint8_t { acknowledged, stopped, dead, none };

    // Waits until the cell has taken notice of the interrupt. Only the trampoline can acknowledge it, since the guest does
    // not know the ticket. Never `stopped`.
    Reaction await_acknowledgement(std::chrono::nanoseconds limit) noexcept;

    // Waits until an interrupted guest runs no more: it has acknowledged, or is `stopped`, and will acknowledge before it
    // does anything else, when its CPU has time for it. `none` if it may run still, for as long as a signal takes to reach
    // its CPU. Takes a fraction of a millisecond, unless the interrupt is not sent yet.
    Reaction await_stop() noexcept;

  private:
    std::uint32_t await(std::uint32_t while_it_is, Clock::time_point deadline) noexcept;

    HandshakeWords& words_;
    CellProcess& process_;
    const Handover handover_;
    CellAffinity affinity_;
    std::uint32_t thread_ = 0;               // the cell's id of its thread, once it has started
    bool spins_ = false;                     // in this call
    std::atomic<std::uint64_t> ticket_ = 0;  // of the interrupt that is under way; 0: none
    std::atomic<std::uint64_t> sent_ = 0;    // of the last one that has reached the kernel
};

}  // namespace curfew::cell

#endif
