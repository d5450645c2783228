// The host's side of the launcher: starts it when the first cell is wanted, and asks it for cells.
#ifndef CURFEW_CELL_PROCESS_SPAWNER_H
#define CURFEW_CELL_PROCESS_SPAWNER_H

#include <sys/types.h>

#include <mutex>

#include <curfew/error.h>

#include "cell/descriptor.h"
#include "cell/process/affinity.h"
#include "cell/process/launch.h"

namespace curfew::cell {

// A cell's process. It stays a zombie, so that its pid and CPU clock keep their meaning, until this is destroyed,
// which kills it if it still lives.
class CellProcess {
  public:
    CellProcess(pid_t pid, int cpu, Descriptor handle) noexcept;
    CellProcess(CellProcess&&) noexcept = default;
    CellProcess& operator=(CellProcess&&) = delete;
    ~CellProcess();

    pid_t pid() const noexcept { return pid_; }

    // The CPU that the process was bound to when it started; -1: to none.
    int first_cpu() const noexcept { return first_cpu_; }

    // Sends CURFEW_CELL_SIGNAL with a value. False if that failed; then only kill() is left.
    bool signal(std::uint64_t ticket) noexcept;

    void kill() noexcept;
    bool dead() const noexcept;

    // Returns when the process is dead, or after the time.
    void wait(int milliseconds) const noexcept;

  private:
    pid_t pid_;
    int first_cpu_;
    pid_t owner_;  // the process that the cell belongs to; a fork of it must not kill the cell
    Descriptor handle_;
};

// One in a process, made when it is first needed and never destroyed. Thread-safe. A process that was forked by its
// user starts a launcher of its own.
class Spawner {
  public:
    static Spawner& instance();

    // The request's descriptors are the files of image, state and mailbox. The cell may still be setting itself up when
    // this returns. Fails with `unavailable` where cells cannot be made.
    Result<CellProcess> spawn(const LaunchRequest& request, int image, int state, int mailbox);

    // The process is dead or dying: lets its pid be used again.
    void reap(pid_t pid) noexcept;

  private:
    Result<void> ensure_launcher();
    void abandon_launcher() noexcept;

    std::mutex mutex_;
    pid_t owner_ = 0;     // the process that started the launcher
    Descriptor socket_;
    Descriptor launcher_;  // its pidfd
    CellAffinity affinity_{0};
};

}  // namespace curfew::cell

#endif
