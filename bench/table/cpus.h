// Where measuring threads run. Waking a thread on another CPU can cost ten times what it costs on one's own,
// so two things can be compared only when both are placed alike.
#ifndef CURFEW_BENCH_TABLE_CPUS_H
#define CURFEW_BENCH_TABLE_CPUS_H

#include <sched.h>

#include <vector>

namespace curfew::bench {

// The CPUs that the calling thread may run on, in ascending order.
std::vector<int> allowed_cpus();

// Binds the calling thread to one CPU for as long as it lives. If that fails, the thread stays where it was,
// and figures are worse than they could be.
class BoundTo {
  public:
    explicit BoundTo(int cpu);
    ~BoundTo();
    BoundTo(const BoundTo&) = delete;
    BoundTo& operator=(const BoundTo&) = delete;

  private:
    cpu_set_t before_{};
};

}  // namespace curfew::bench

#endif
