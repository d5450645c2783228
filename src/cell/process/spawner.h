// The host's side of the launcher: starts it when the first cell is wanted, and asks it for cells.
#ifndef CURFEW_CELL_PROCESS_SPAWNER_H
#define CURFEW_CELL_PROCESS_SPAWNER_H

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include <curfew/error.h>

#include "base/forks.h"
#include "base/mutex.h"
#include "cell/descriptor.h"
#include "cell/process/affinity.h"
#include "cell/process/launcher_start.h"
#include "cell/process/shared/launch.h"

namespace curfew::cell {

// A cell's process. It stays a zombie, so that its pid and CPU clock keep their meaning, until this is destroyed,
// which kills it if it still lives.
class CellProcess {
  public:
    CellProcess(const LaunchReply& reply, Descriptor handle, std::uint64_t launcher, int cpu) noexcept;
    CellProcess(CellProcess&&) noexcept = default;
    CellProcess& operator=(CellProcess&&) = delete;
    ~CellProcess();

    // By which the launcher knows it.
    struct Id {
        pid_t pid;
        std::uint64_t launcher;
    };
    Id id() const noexcept { return {pid_, launcher_}; }
    pid_t pid() const noexcept { return pid_; }

    // False in a forked child: the cell is the parent's.
    bool is_own() const noexcept;

    // The CPU that the process was bound to when it started; -1: to none.
    int first_cpu() const noexcept { return first_cpu_; }

    // Sends CURFEW_CELL_SIGNAL with a value. False if that failed; then only kill() is left.
    bool signal(std::uint64_t ticket) noexcept;

    void kill() noexcept;

    // Without a lock. False if this process may not: then Spawner::kill() is left.
    bool try_kill() noexcept;
    bool dead() const noexcept;

    // The CPU time of all that ran in it; standing still after its end. The exact one also counts what the CPU that it runs on
    // has not written down yet, which takes some microseconds to find out.
    std::optional<std::chrono::nanoseconds> cpu_time() const noexcept;
    std::optional<std::chrono::nanoseconds> exact_cpu_time() const noexcept;
    void write_down_cpu_time() const noexcept;  // so that the cheap one is exact as well for the moment

    // Pages of memory that are its own; 0 if unknown.
    std::uint64_t anonymous_pages() const noexcept;

  private:
    pid_t pid_;
    int first_cpu_;
    pid_t owner_;             // the process that the cell belongs to; a fork of it must not kill the cell
    std::uint64_t launcher_;  // the cell's; see Spawner
    Descriptor handle_;
};

// One in a process, made when it is first needed and never destroyed. Thread-safe. A process that was forked by its
// user starts a launcher of its own.
class Spawner {
  public:
    static Spawner& instance();

    // The cell may still be setting itself up when this returns. Fails with `unavailable` where cells cannot be made.
    Result<CellProcess> spawn(const LaunchRequest& request, std::span<const int, kLaunchFiles> files);

    // Ends a cell, if it still lives, and lets its pid be used again. `launcher` is the generation it is from.
    void reap(pid_t pid, std::uint64_t launcher) noexcept;

    // Ends a cell that this process may not signal.
    void kill(pid_t pid, std::uint64_t launcher) noexcept;

    // What the launcher has put up for its cells. Starts it if there is none.
    Result<LayerStates> layers();

  private:
    Result<void> ensure_launcher() REQUIRES(mutex_);
    void abandon_launcher() noexcept REQUIRES(mutex_);
    bool knows(std::uint64_t generation) const noexcept REQUIRES(mutex_);
    void order(LaunchKind kind, pid_t pid) noexcept REQUIRES(mutex_);

    base::ForkSafeMutex mutex_;
    pid_t owner_ GUARDED_BY(mutex_) = 0;  // the process that started the launcher
    Launcher launcher_ GUARDED_BY(mutex_);
    std::uint64_t generation_ GUARDED_BY(mutex_) = 0;  // counts launchers
};

}  // namespace curfew::cell

#endif
