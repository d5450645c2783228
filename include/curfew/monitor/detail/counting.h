// What the monitors of a counter share: HostCallMonitor, OutputMonitor, MemoryMonitor.
#ifndef CURFEW_MONITOR_DETAIL_COUNTING_H
#define CURFEW_MONITOR_DETAIL_COUNTING_H

#include <curfew/language.h>

#include <concepts>
#include <cstdint>
#include <string>

#include <curfew/base/saturate.h>
#include <curfew/export.h>
#include <curfew/monitor/execution_monitor.h>
#include <curfew/monitor/usage_meter.h>

namespace curfew::monitor::detail {

// For the counters that these monitors are about. The first throws std::invalid_argument for zero.
CURFEW_EXPORT std::uint64_t checked_count(Counter counter, std::uint64_t limit);
CURFEW_EXPORT MonitorTask watch_count(const Invocation& call, Counter counter, std::uint64_t limit);
CURFEW_EXPORT std::string count_text(Counter counter, std::uint64_t limit);

// Ends an invocation as soon as the counter is greater than the limit.
template <Counter kCounter>
class CountingMonitor {
  public:
    template <std::integral T>
    explicit CountingMonitor(T limit) : limit_(checked_count(kCounter, base::saturate(limit))) {}

    std::uint64_t limit() const noexcept { return limit_; }  // the counter may reach it, but not exceed it

    [[nodiscard]] Result<MonitorTask> get_monitor(const Invocation& call) const {
        return watch_count(call, kCounter, limit_);
    }
    std::string describe() const { return count_text(kCounter, limit_); }

  private:
    std::uint64_t limit_;
};

}  // namespace curfew::monitor::detail

#endif
