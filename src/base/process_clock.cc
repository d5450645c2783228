#include "base/process_clock.h"

#include <sched.h>

namespace curfew::base {

void write_down_cpu_time(pid_t thread) noexcept {
    const int policy = ::sched_getscheduler(thread);
    if (policy != SCHED_OTHER && policy != SCHED_BATCH) return;
    const sched_param none{};
    const int other = policy == SCHED_OTHER ? SCHED_BATCH : SCHED_OTHER;
    if (::sched_setscheduler(thread, other, &none) == 0) ::sched_setscheduler(thread, policy, &none);
}

}  // namespace curfew::base
