// Where threads run. Waking a thread on another CPU can cost ten times what it costs on one's own, so two things can be
// compared only when both are placed alike.
#ifndef CURFEW_BASE_CPUS_H
#define CURFEW_BASE_CPUS_H

#include <sched.h>

#include <vector>

namespace curfew::base {

// The CPUs that the calling thread may run on, in ascending order; none if that cannot be found out.
std::vector<int> allowed_cpus();

// Binds the calling thread to one CPU for as long as it lives. If that fails, the thread stays where it was.
class BoundTo {
  public:
    explicit BoundTo(int cpu);
    ~BoundTo();
    BoundTo(const BoundTo&) = delete;
    BoundTo& operator=(const BoundTo&) = delete;

  private:
    cpu_set_t before_{};
};

}  // namespace curfew::base

#endif
