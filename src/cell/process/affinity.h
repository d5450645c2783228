// On which CPU a cell runs. Waking a thread on another CPU can cost ten times what it costs on one's own (measured on
// virtual machines, see docs/design/cell.md), so while a caller sleeps for its cell, the cell runs where the caller was.
#ifndef CURFEW_CELL_PROCESS_AFFINITY_H
#define CURFEW_CELL_PROCESS_AFFINITY_H

#include <sched.h>
#include <sys/types.h>

namespace curfew::cell {

class CellAffinity {
  public:
    // A cell starts on the CPU that its launcher is bound to; -1: to none.
    explicit CellAffinity(pid_t pid, int cpu = -1) noexcept : pid_(pid), cpu_(cpu) {}

    // Before a call that may be short: binds the cell to the CPU that the calling thread is on. Costs nothing if it is
    // bound there already.
    void follow_caller() noexcept;

    // When a call turns out to be long: lets the cell run wherever the calling thread may.
    void release() noexcept;

    bool bound() const noexcept { return cpu_ >= 0; }
    int cpu() const noexcept { return cpu_; }

  private:
    pid_t pid_;
    int cpu_;  // that the cell is bound to
};

}  // namespace curfew::cell

#endif
