#include <curfew/monitor/runtime.h>

#include "monitor/runtime/frame_pool.h"
#include "monitor/runtime/shared_runtime.h"

namespace curfew::monitor {

RuntimeStats runtime_stats() noexcept {
    RuntimeStats stats;
    stats.frames_alive = detail::frames_alive();
    if (detail::SharedRuntime* const runtime = detail::SharedRuntime::current()) {
        stats.timer_wake_ups = runtime->timer_wake_ups();
        stats.job_wake_ups = runtime->executor().wake_ups();
        stats.timers_armed = runtime->timers_armed();
        stats.timer_threads = runtime->timer_threads();
        stats.job_threads = runtime->executor().threads();
    }
    return stats;
}

}  // namespace curfew::monitor
