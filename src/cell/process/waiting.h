// How the host waits for a cell, by which clocks, and how long.
#ifndef CURFEW_CELL_PROCESS_WAITING_H
#define CURFEW_CELL_PROCESS_WAITING_H

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <ctime>

#include "base/clock.h"
#include "cell/memory_image.h"

namespace curfew::cell {

// How long an interrupt may take to be acknowledged before the cell is killed. The trampoline does it in microseconds, but
// on a busy machine a cell may have to wait long for a CPU: more than 100 ms were seen.
inline constexpr auto kInterruptLimit = std::chrono::seconds(1);

// How long the reset that follows may take, and how much CPU time copying a cell's memory. The kernel needs some 100 ms
// to drop 1 GiB of written pages.
constexpr std::chrono::nanoseconds memory_limit(const MemorySizes& sizes) {
    constexpr std::uint64_t kBytesPerMillisecond = 1 << 20;
    return std::chrono::seconds(2) + std::chrono::milliseconds((sizes.heap + sizes.stack) / kBytesPerMillisecond);
}

// How long a parked guest may take to show the host a piece of its memory.
inline constexpr auto kCopyLimit = std::chrono::seconds(2);

// The mailbox is shared between processes, so these futexes are not private.
inline void futex_wait(std::uint32_t* word, std::uint32_t value, std::chrono::nanoseconds limit) noexcept {
    const timespec time{.tv_sec = limit.count() / 1'000'000'000, .tv_nsec = limit.count() % 1'000'000'000};
    ::syscall(SYS_futex, word, FUTEX_WAIT, value, &time, nullptr, 0);
}

inline void futex_wake(std::uint32_t* word, int count) noexcept {
    ::syscall(SYS_futex, word, FUTEX_WAKE, count, nullptr, nullptr, 0);
}

inline std::chrono::nanoseconds read_clock(clockid_t clock) noexcept {
    return base::read_clock(clock).value_or(std::chrono::nanoseconds::zero());
}

// To some milliseconds, and ten times cheaper than the exact time.
inline std::chrono::nanoseconds coarse_now() noexcept { return read_clock(CLOCK_MONOTONIC_COARSE); }

}  // namespace curfew::cell

#endif
