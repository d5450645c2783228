// Execution monitors: limits on anything that can be interrupted. This header brings all of them.
#ifndef CURFEW_MONITOR_H
#define CURFEW_MONITOR_H

#include <curfew/language.h>

#include <curfew/monitor/any_monitor.h>
#include <curfew/monitor/cpu_clock.h>
#include <curfew/monitor/cpu_time.h>
#include <curfew/monitor/deadline.h>
#include <curfew/monitor/execution_monitor.h>
#include <curfew/monitor/host_calls.h>
#include <curfew/monitor/invocation.h>
#include <curfew/monitor/kill_switch.h>
#include <curfew/monitor/memory.h>
#include <curfew/monitor/monitor_set.h>
#include <curfew/monitor/observer.h>
#include <curfew/monitor/output.h>
#include <curfew/monitor/quota.h>
#include <curfew/monitor/runtime.h>
#include <curfew/monitor/soft.h>
#include <curfew/monitor/stop_token.h>
#include <curfew/monitor/supervise.h>
#include <curfew/monitor/task.h>
#include <curfew/monitor/usage_meter.h>
#include <curfew/monitor/wait.h>
#include <curfew/monitor/wall_clock.h>

#endif
