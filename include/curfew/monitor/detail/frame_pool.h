// Memory for coroutine frames, recycled per thread.
#ifndef CURFEW_MONITOR_DETAIL_FRAME_POOL_H
#define CURFEW_MONITOR_DETAIL_FRAME_POOL_H

#include <curfew/language.h>

#include <cstddef>

#include <curfew/export.h>

namespace curfew::monitor::detail {

// Throws std::bad_alloc. The frame may be released on another thread.
CURFEW_EXPORT void* allocate_frame(std::size_t size);
CURFEW_EXPORT void release_frame(void* frame, std::size_t size) noexcept;

}  // namespace curfew::monitor::detail

#endif
