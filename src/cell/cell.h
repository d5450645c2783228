// A sealed address space with one CPU context. The interface of all back ends.
//
//                    resume()
//   parked  ------------------------->  running
//     ^   <---- calls out (called_out) ----+
//     |   <---- interrupt(): halted -------+   (interrupted)
//     |                                    |
//     | reset()                            | fault, forbidden system call, killed, protocol broken
//     +------ halted                       v
//                                         dead   (only the destructor is left)
//
// A cell is used by one thread at a time, but for interrupt(), interrupted() and the CPU times, which any thread may call at
// any time while the cell exists. make_cell.h says how cells are made.
#ifndef CURFEW_CELL_CELL_H
#define CURFEW_CELL_CELL_H

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include <curfew/error.h>
#include <curfew/isolation.h>

#include "cell/death.h"
#include "cell/memory_image.h"
#include "wire/mailbox.h"

namespace curfew::cell {

class Cgroup;

// Why resume() came back.
enum class Stop {
    called_out,   // the guest has made its hypercall: its message is in the mailbox
    interrupted,  // interrupt() took effect; only reset() leads on
    died,         // the cell is gone; death() says why
};

// How caller and cell hand over the turn; see curfew::WaitMode.
enum class Handover { block, spin };

struct CellOptions {
    Handover handover = Handover::block;

    // The guest has no clock but those that step with the kernel's tick, and no time-stamp counter. Takes effect when the
    // cell is made.
    bool coarse_time = false;

    // A reset leaves no page of the guest in memory, whether it was written or read, so that nobody can tell by how long a
    // page takes which ones were used before; and it is over before the next request is made.
    bool leaves_nothing = false;

    // What `required` means shows when the cell is made.
    BranchBarrier branch_barrier = BranchBarrier::none;

    // Where the cell belongs from before its guest runs on. It has to outlive the cell. None: where its host belongs.
    Cgroup* cgroup = nullptr;
};

class Cell {
  public:
    virtual ~Cell() = default;

    // The memory that guest and host share. Hostile: copy a field once, then check the copy.
    virtual wire::Mailbox& mailbox() noexcept = 0;
    // Of the window, so much from its beginning as somebody here is going to use: what was never asked for since the last
    // reset, and the guest has not touched either, need not be cleared by the next one. At most wire::kWindowSize.
    virtual std::span<std::byte> window(std::uint64_t bytes) noexcept = 0;
    std::span<std::byte, wire::kWindowSize> window() noexcept {
        return window(wire::kWindowSize).first<wire::kWindowSize>();
    }

    // Gives the guest the turn and waits until it calls out or stops. Returns `interrupted` without entering the guest
    // if interrupt() was called since the last reset.
    virtual Stop resume() = 0;

    // The guest has nothing to do until the next wake(), and so must not use the CPU beyond `cpu_time`, which was read when its
    // last call was over. If it does all the same, by more than 2 ms, it is killed: by the next wake(), or by a thread that
    // looks twice a second until it knows that the guest sleeps. reset() and snapshot() end the rest as wake() does.
    virtual void rest(std::chrono::nanoseconds cpu_time) noexcept = 0;

    // Ends the rest, if there is one. False if the cell is dead, perhaps because it used the CPU meanwhile: death() says. Comes
    // before the first word of a request is written, since a guest that sees it can still go to sleep; resume() does it as well.
    virtual bool wake() = 0;

    // Stops the guest, whatever it is doing, also if it is not running now or is only about to. Does not wait. From
    // then on resume() returns `interrupted`, until reset(). A guest that cannot be stopped within a second is
    // killed, and so is a cell that has not started yet.
    virtual void interrupt() noexcept = 0;

    // True from interrupt() on, until reset().
    virtual bool interrupted() const noexcept = 0;

    // Brings memory and registers back to image(), whatever the guest is doing, even against its will. Also forgets an
    // interrupt, so interrupt() must not be called at the same time. Fails with `guest_abort` if the cell died. Small
    // resets of parked guests are done within the next resume(), before any of the guest's code runs.
    virtual Result<void> reset() = 0;

    // Saves the state of a parked guest. Fails with `guest_abort` if the cell is not parked or dies. What the cell has written
    // since it started from a saved state, without a reset in between, are the new state's hot pages.
    virtual Result<std::shared_ptr<const MemoryImage>> snapshot() = 0;

    // Makes what the cell has written since it started the hot pages of image(). To be called only if all of that came of the
    // host's own work: which pages these are shows to everything that starts from the image. Does nothing after a reset.
    virtual void teach_hot_pages() = 0;

    // What the cell started from, and what reset() goes back to.
    virtual const std::shared_ptr<const MemoryImage>& image() const noexcept = 0;

    // The CPU time of everything that ran in the cell; valid, and standing still, after its death. None if it cannot be
    // measured. Any thread may ask while the cell exists. The first is cheap, and may lack what was used since the kernel
    // last looked, some milliseconds; the second is exact, and takes some microseconds while the guest runs.
    virtual std::optional<std::chrono::nanoseconds> cpu_time() const noexcept = 0;
    virtual std::optional<std::chrono::nanoseconds> exact_cpu_time() const noexcept = 0;

    // Pages of 4 KiB that the guest has written since it started, but for those that a reset gave up, by the kernel's
    // account; 0 if unknown.
    virtual std::uint64_t pages_written() const noexcept = 0;

    // The cell died before any of its code ran: of a new cell that is certain, in the first resume() after a reset it is
    // so as far as is known. A guest can make it look so, but only of a resume() in which it never called out: its request
    // can be given to another cell, if what it used until then counts on.
    virtual bool lost_before_entry() const noexcept = 0;

    // False while the cell lives.
    virtual const Death& death() const noexcept = 0;
};

}  // namespace curfew::cell

#endif
