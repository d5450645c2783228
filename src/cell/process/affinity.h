// On which CPU a cell runs. Waking a thread on another CPU can cost ten times what it costs on one's own (measured on
// virtual machines, see docs/design/cell.md), so while a caller sleeps for its cell, the cell runs where the caller was.
// A caller that spins needs the opposite: a cell on any other CPU.
#ifndef CURFEW_CELL_PROCESS_AFFINITY_H
#define CURFEW_CELL_PROCESS_AFFINITY_H

#include <sched.h>
#include <sys/types.h>

namespace curfew::cell {

class CellAffinity {
  public:
    // A cell starts on the CPU that its launcher is bound to; -1: to none.
    explicit constexpr CellAffinity(pid_t pid, int cpu = -1) noexcept
        : pid_(pid), place_(cpu < 0 ? Place::anywhere : Place::with), cpu_(cpu) {}

    // Before a call that may be short: binds the cell to the CPU that the calling thread is on. Costs nothing if it is
    // bound there already.
    void follow_caller() noexcept;

    // Before a call whose caller spins: keeps the cell off the CPU that the calling thread is on. False if the thread
    // may use no other; then spinning would only keep the cell from running. Costs nothing if nothing has changed.
    bool avoid_caller() noexcept;

    // When a call turns out to be long: lets the cell run wherever the calling thread may.
    void release() noexcept;

    // The CPU that the cell is bound to; -1: to none.
    int cpu() const noexcept { return place_ == Place::with ? cpu_ : -1; }

  private:
    enum class Place { anywhere, with, apart };

    pid_t pid_;
    Place place_;
    int cpu_;            // where the caller was when the place was chosen
    int only_cpu_ = -1;  // where avoid_caller() last found that there is no other
};

}  // namespace curfew::cell

#endif
