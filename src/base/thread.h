// Threads of the library's own.
#ifndef CURFEW_BASE_THREAD_H
#define CURFEW_BASE_THREAD_H

#include <system_error>

namespace curfew::base {

// Starts a detached thread that runs body(argument), with all signals blocked: the host's are never delivered to it. Other
// threads may fork meanwhile. The error is the system's.
std::error_code start_detached_thread(void* (*body)(void*), void* argument) noexcept;

}  // namespace curfew::base

#endif
