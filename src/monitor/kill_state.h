// What the copies of a KillSwitch share.
#ifndef CURFEW_SRC_MONITOR_KILL_STATE_H
#define CURFEW_SRC_MONITOR_KILL_STATE_H

#include <mutex>

#include <curfew/monitor/kill_switch.h>

namespace curfew {

struct KillSwitch::State {
    std::mutex mutex;
    monitor::detail::Supervision* attached = nullptr;  // guarded by mutex; null while nothing runs

    void attach(monitor::detail::Supervision& supervision) noexcept {
        std::lock_guard lock(mutex);
        attached = &supervision;
    }
    void detach(const monitor::detail::Supervision& supervision) noexcept {
        std::lock_guard lock(mutex);
        if (attached == &supervision) attached = nullptr;
    }
};

}  // namespace curfew

#endif
