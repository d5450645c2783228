// Tells those who watch what monitors do: the program's observer, and the reporter of metrics and logs.
#ifndef CURFEW_SRC_MONITOR_REPORT_H
#define CURFEW_SRC_MONITOR_REPORT_H

#include <curfew/monitor/observer.h>

namespace curfew::monitor::detail {

// An observer besides the one that programs can set, and told before it. Never destroyed; null: none.
void set_reporter(Observer* reporter) noexcept;

void report(const Termination& termination) noexcept;
void report(const Warning& warning) noexcept;

}  // namespace curfew::monitor::detail

#endif
