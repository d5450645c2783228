#include "cell/process/affinity.h"

namespace curfew::cell {

// Failures to set a place are of no account: the cell then stays where it is, and only speed depends on that.

void CellAffinity::follow_caller() noexcept {
    const int cpu = ::sched_getcpu();
    if (cpu < 0 || (place_ == Place::with && cpu == cpu_) || cpu >= CPU_SETSIZE) return;
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(static_cast<unsigned>(cpu), &only);
    place_ = ::sched_setaffinity(pid_, sizeof only, &only) == 0 ? Place::with : Place::anywhere;
    cpu_ = cpu;
}

bool CellAffinity::avoid_caller() noexcept {
    const int cpu = ::sched_getcpu();
    if (cpu < 0 || cpu >= CPU_SETSIZE || cpu == only_cpu_) return false;
    if (place_ == Place::apart && cpu == cpu_) return true;
    cpu_set_t others;
    if (::sched_getaffinity(0, sizeof others, &others) != 0) return false;
    CPU_CLR(static_cast<unsigned>(cpu), &others);
    if (CPU_COUNT(&others) == 0 || ::sched_setaffinity(pid_, sizeof others, &others) != 0) {
        only_cpu_ = cpu;
        return false;
    }
    only_cpu_ = -1;
    place_ = Place::apart;
    cpu_ = cpu;
    return true;
}

void CellAffinity::release() noexcept {
    if (place_ == Place::anywhere) return;
    place_ = Place::anywhere;
    cpu_set_t allowed;
    if (::sched_getaffinity(0, sizeof allowed, &allowed) == 0) ::sched_setaffinity(pid_, sizeof allowed, &allowed);
}

}  // namespace curfew::cell
