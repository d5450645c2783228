// Tells those who listen what monitors do: the process's reporter, and the observer of the one invocation.
#ifndef CURFEW_SRC_MONITOR_REPORT_H
#define CURFEW_SRC_MONITOR_REPORT_H

#include <curfew/monitor/observer.h>

namespace curfew::reporting {

// Who is told of every invocation; null: nobody. It must never be destroyed, and is told after an invocation's own.
void set_reporter(MonitorObserver* reporter) noexcept;

// `own`: of the invocation (SuperviseOptions::observer); may be null.
void report(const monitor::Termination& termination, MonitorObserver* own) noexcept;
void report(const monitor::Warning& warning, MonitorObserver* own) noexcept;

}  // namespace curfew::reporting

#endif
