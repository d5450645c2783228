// CpuTimeMonitor ("cpu-time"): ends an invocation that has used too much CPU time.
//
// Measures: Invocation::cpu_time(), by the kernel's account: CPU time of the guest (or of what supervise was given a
// CpuClock for), and CPU time that host calls burn for it. Waiting and sleeping do not count, nor does the caller's
// own spinning, nor what other invocations use.
//
// From when: Invocation::start(), which is before the first monitor's get_monitor.
//
// Exactness: never early; late by the wake-up latency of a thread, usually below 0.1 ms. Something that has nearly
// used up its limit and mostly sleeps is read less often: it may exceed its limit by 3 %, at most by 10 ms. How: what
// runs in one thread cannot use CPU time faster than wall-clock time passes. So after a reading with r left, the next
// one is due in r: once or twice for a busy handler, once per limit of wall-clock time for a sleeping one.
//
// Cost: a call that ends within its limit pays for one timer, about 0.1 us. A reading, which a longer one needs once or
// twice, costs some microseconds on the timer thread.
//
// Does not catch: one that sleeps or waits for ever.
//
// Pair it with: WallClockMonitor.
#ifndef CURFEW_MONITOR_CPU_TIME_H
#define CURFEW_MONITOR_CPU_TIME_H

#include <curfew/language.h>

#include <chrono>
#include <string>
#include <string_view>

#include <curfew/base/saturate.h>
#include <curfew/export.h>
#include <curfew/monitor/execution_monitor.h>

namespace curfew {

class CURFEW_EXPORT CpuTimeMonitor {
  public:
    // std::chrono::nanoseconds::max(), and what does not fit into nanoseconds, is no limit. Throws
    // std::invalid_argument for zero and less.
    template <typename Rep, typename Period>
    explicit CpuTimeMonitor(std::chrono::duration<Rep, Period> limit)
        : CpuTimeMonitor(Checked{}, base::saturate(limit)) {}

    std::chrono::nanoseconds limit() const noexcept { return limit_; }

    // Fails if the invocation's CPU time cannot be measured.
    [[nodiscard]] Result<MonitorTask> get_monitor(const Invocation& call) const;
    std::string_view name() const noexcept { return "cpu-time"; }
    std::string describe() const;

  private:
    struct Checked {};
    CpuTimeMonitor(Checked, std::chrono::nanoseconds limit);

    std::chrono::nanoseconds limit_;
};

static_assert(ExecutionMonitor<CpuTimeMonitor>);

}  // namespace curfew

#endif
