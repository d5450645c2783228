// AnyMonitor: any execution monitor behind one type, for sets that are known only at run time.
#ifndef CURFEW_MONITOR_ANY_MONITOR_H
#define CURFEW_MONITOR_ANY_MONITOR_H

#include <curfew/language.h>

#include <concepts>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include <curfew/export.h>
#include <curfew/monitor/detail/monitor_traits.h>
#include <curfew/monitor/execution_monitor.h>

namespace curfew {

// Copies share one monitor object. One that was moved from is empty: get_monitor reports an error, so that a
// call with it fails closed.
class CURFEW_EXPORT AnyMonitor {
  public:
    template <ExecutionMonitor M>
        requires(!std::same_as<M, AnyMonitor>)
    AnyMonitor(M monitor)  // NOLINT(google-explicit-constructor): any monitor is an AnyMonitor
        : monitor_(std::make_shared<const M>(std::move(monitor))), traits_(monitor::detail::traits_of<M>()) {}

    [[nodiscard]] Result<MonitorTask> get_monitor(const Invocation& call) const;
    std::string name() const noexcept;
    std::string describe() const;
    bool soft() const noexcept;
    bool empty() const noexcept { return monitor_ == nullptr; }

  private:
    std::shared_ptr<const void> monitor_;
    monitor::detail::MonitorTraits traits_;
};

static_assert(ExecutionMonitor<AnyMonitor>);

}  // namespace curfew

#endif
