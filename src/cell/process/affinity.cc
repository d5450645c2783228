#include "cell/process/affinity.h"

namespace curfew::cell {

// Failures are of no account in both: the cell then stays where it is, and only speed depends on that.

void CellAffinity::follow_caller() noexcept {
    const int cpu = ::sched_getcpu();
    if (cpu < 0 || cpu == cpu_ || cpu >= CPU_SETSIZE) return;
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(static_cast<unsigned>(cpu), &only);
    cpu_ = ::sched_setaffinity(pid_, sizeof only, &only) == 0 ? cpu : -1;
}

void CellAffinity::release() noexcept {
    if (cpu_ < 0) return;
    cpu_ = -1;
    cpu_set_t allowed;
    if (::sched_getaffinity(0, sizeof allowed, &allowed) == 0) ::sched_setaffinity(pid_, sizeof allowed, &allowed);
}

}  // namespace curfew::cell
