// The runtime's threads: named, detached, with all signals blocked.
#ifndef CURFEW_SRC_MONITOR_THREAD_H
#define CURFEW_SRC_MONITOR_THREAD_H

#include <cstddef>
#include <system_error>

namespace curfew::monitor::detail {

enum class ThreadRole { none, timer, job };

// What the present thread is to the runtime; none for all threads that it did not start.
ThreadRole thread_role() noexcept;

// Starts a thread that runs body(argument). The error is the system's.
std::error_code start_thread(ThreadRole role, void (*body)(void*), void* argument) noexcept;

// For tests: while set, threads of this role fail to start with EAGAIN. `none` ends that.
void fail_thread_starts(ThreadRole role) noexcept;

// For tests: how many starts have failed so.
std::size_t thread_starts_failed() noexcept;

}  // namespace curfew::monitor::detail

#endif
