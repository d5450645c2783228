// Coroutine frames are made and destroyed for every call, by the same thread, in the same few sizes: each
// thread keeps the freed ones for the next call.
#ifndef CURFEW_SRC_MONITOR_FRAME_POOL_H
#define CURFEW_SRC_MONITOR_FRAME_POOL_H

#include <cstddef>

namespace curfew::monitor::detail {

// Frames that exist now, of all threads. Exact when no thread makes or destroys one meanwhile.
std::size_t frames_alive() noexcept;

}  // namespace curfew::monitor::detail

#endif
