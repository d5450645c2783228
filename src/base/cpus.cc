#include "base/cpus.h"

namespace curfew::base {

std::vector<int> allowed_cpus() {
    cpu_set_t set;
    std::vector<int> cpus;
    if (::sched_getaffinity(0, sizeof set, &set) != 0) return cpus;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(static_cast<unsigned>(cpu), &set)) cpus.push_back(cpu);
    }
    return cpus;
}

BoundTo::BoundTo(int cpu) {
    ::sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(static_cast<unsigned>(cpu), &only);
    ::sched_setaffinity(0, sizeof only, &only);
}

BoundTo::~BoundTo() { ::sched_setaffinity(0, sizeof before_, &before_); }

}  // namespace curfew::base
