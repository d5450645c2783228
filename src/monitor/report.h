// Tells those who listen what monitors do: the process's reporter, and the observer of the one invocation.
#ifndef CURFEW_SRC_MONITOR_REPORT_H
#define CURFEW_SRC_MONITOR_REPORT_H

#include <curfew/monitor/observer.h>

namespace curfew::monitor {

// Who is told of every invocation; null: nobody. It must never be destroyed, and is told after an invocation's own.
void set_reporter(MonitorObserver* reporter) noexcept;

// `own`: of the invocation (SuperviseOptions::observer); may be null.
void report(const Termination& termination, MonitorObserver* own) noexcept;
void report(const Warning& warning, MonitorObserver* own) noexcept;

}  // namespace curfew::monitor

#endif
