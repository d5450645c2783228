// CPU clocks: how monitors learn what CPU time a supervised thing has used.
#ifndef CURFEW_MONITOR_CPU_CLOCK_H
#define CURFEW_MONITOR_CPU_CLOCK_H

#include <curfew/language.h>

#include <sys/types.h>

#include <chrono>
#include <ctime>
#include <optional>

#include <curfew/export.h>

namespace curfew {

// The interface. An implementation is read by the thread that runs the invocation and by the monitor
// runtime's threads at the same time, so now() must be thread-safe. It must not block.
class CURFEW_EXPORT CpuClock {
  public:
    virtual ~CpuClock() = default;

    // CPU time since some fixed moment, never going back; nothing when it cannot be read (the process is
    // gone, say).
    virtual std::optional<std::chrono::nanoseconds> now() const noexcept = 0;

    // The same for what may be running at this moment, which monitors ask for when a limit is near. Some kernels count
    // the time of other processes that run only with the tick of their CPU, every 1 to 10 ms: where there is a way
    // around that, this takes it, and may take some microseconds.
    virtual std::optional<std::chrono::nanoseconds> now_while_running() const noexcept { return now(); }

    // Upper bound of the CPU time that can pass in one unit of wall time: the number of threads that the
    // clock counts. Monitors plan their readings by it; too low a value makes them late, too high a value
    // wakes them more often than needed.
    virtual unsigned parallelism() const noexcept { return 1; }
};

// The CPU clock of one thread of this process: of the one that makes the object. The thread must outlive its
// use.
class CURFEW_EXPORT ThreadCpuClock final : public CpuClock {
  public:
    ThreadCpuClock() noexcept;
    std::optional<std::chrono::nanoseconds> now() const noexcept override;

  private:
    clockid_t clock_;
};

// The CPU clock of a process: all its threads together, living and ended. The process must not be reaped
// while the clock is used, because its number could name another process afterwards. now() gives nothing when
// there is no such process. now_while_running() is exact for the process's first thread, if it belongs to the same user and
// is scheduled in an ordinary way: it takes that thread out of its CPU's queue and puts it back.
class CURFEW_EXPORT ProcessCpuClock final : public CpuClock {
  public:
    // `threads` is how many threads the process may run at once.
    explicit ProcessCpuClock(pid_t process, unsigned threads = 1) noexcept;
    std::optional<std::chrono::nanoseconds> now() const noexcept override;
    std::optional<std::chrono::nanoseconds> now_while_running() const noexcept override;
    unsigned parallelism() const noexcept override { return threads_; }

  private:
    pid_t process_;
    clockid_t clock_ = 0;
    bool exists_ = false;
    unsigned threads_;
};

// For things whose CPU time cannot be measured. A CpuTimeMonitor beside it fails to start.
class CURFEW_EXPORT NoCpuClock final : public CpuClock {
  public:
    std::optional<std::chrono::nanoseconds> now() const noexcept override { return std::nullopt; }
};

}  // namespace curfew

#endif
