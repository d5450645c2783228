#include <pthread.h>

#include <curfew/monitor/cpu_clock.h>

namespace curfew {

namespace {

std::optional<std::chrono::nanoseconds> read_clock(clockid_t clock) noexcept {
    timespec time{};
    if (::clock_gettime(clock, &time) != 0) return std::nullopt;
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

// Cannot fail for the calling thread.
ThreadCpuClock::ThreadCpuClock() noexcept : clock_(CLOCK_THREAD_CPUTIME_ID) {
    ::pthread_getcpuclockid(::pthread_self(), &clock_);
}

std::optional<std::chrono::nanoseconds> ThreadCpuClock::now() const noexcept { return read_clock(clock_); }

ProcessCpuClock::ProcessCpuClock(pid_t process, unsigned threads) noexcept : threads_(threads == 0 ? 1 : threads) {
    exists_ = process > 0 && ::clock_getcpuclockid(process, &clock_) == 0;
}

std::optional<std::chrono::nanoseconds> ProcessCpuClock::now() const noexcept {
    if (!exists_) return std::nullopt;
    return read_clock(clock_);
}

}  // namespace curfew
