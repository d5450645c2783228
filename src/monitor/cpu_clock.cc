#include <pthread.h>

#include <curfew/monitor/cpu_clock.h>

#include "base/clock.h"
#include "base/process_clock.h"

namespace curfew {

// Cannot fail for the calling thread.
ThreadCpuClock::ThreadCpuClock() noexcept : clock_(CLOCK_THREAD_CPUTIME_ID) {
    ::pthread_getcpuclockid(::pthread_self(), &clock_);
}

std::optional<std::chrono::nanoseconds> ThreadCpuClock::now() const noexcept { return base::read_clock(clock_); }

ProcessCpuClock::ProcessCpuClock(pid_t process, unsigned threads) noexcept
    : process_(process),
      exists_(process > 0 && ::clock_getcpuclockid(process, &clock_) == 0),
      threads_(threads == 0 ? 1 : threads) {}

std::optional<std::chrono::nanoseconds> ProcessCpuClock::now() const noexcept {
    if (!exists_) return std::nullopt;
    return base::read_clock(clock_);
}

std::optional<std::chrono::nanoseconds> ProcessCpuClock::now_while_running() const noexcept {
    if (exists_) base::write_down_cpu_time(process_);
    return now();
}

}  // namespace curfew
