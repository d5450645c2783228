// The monitor runtime: a few threads, shared by the whole process, started when the first monitored call is
// made.
//
// CURFEW_MONITOR_THREADS (1 to 64, default 1) is the number of timer threads. They run timers and the
// built-in monitors, and never user code. Custom monitors, callbacks and interrupts that may block run on
// further threads, made when needed and kept. All are named `curfew-monitor` and block all signals.
//
// A process that forks gets a new runtime in the child when it needs one. The runtime is never destroyed, so
// that monitors work as long as the process runs, in static destructors too. As long as the
// timer threads cannot be started, monitored calls fail, and none runs unlimited; one of them tries again after
// 100 ms, so that an outage of the system ends when its cause does.
#ifndef CURFEW_MONITOR_RUNTIME_H
#define CURFEW_MONITOR_RUNTIME_H

#include <curfew/language.h>

#include <cstddef>
#include <cstdint>

#include <curfew/export.h>

namespace curfew::monitor {

struct RuntimeStats {
    std::uint64_t timer_wake_ups = 0;  // how often a timer thread woke since the process started
    std::uint64_t job_wake_ups = 0;    // the same for threads that run user code
    std::size_t timers_armed = 0;      // now
    std::size_t frames_alive = 0;      // coroutine frames of monitors, now
    std::size_t timer_threads = 0;
    std::size_t job_threads = 0;
};

// A snapshot of figures that change while it is taken. Does not start the runtime. Takes locks: not for hot
// paths.
[[nodiscard]] CURFEW_EXPORT RuntimeStats runtime_stats() noexcept;

}  // namespace curfew::monitor

#endif
