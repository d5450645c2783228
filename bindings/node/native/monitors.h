// Monitors that are functions of JavaScript. Their first phase is over before the invocation begins; what is left for the
// native part is a name, and a word from JavaScript that it is to end.
#ifndef CURFEW_NODE_MONITORS_H
#define CURFEW_NODE_MONITORS_H

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <curfew/monitor/any_monitor.h>
#include <curfew/usage.h>

#include "napi.h"

namespace curfew::node {

// Looks into an invocation while it lasts, from any thread.
class Probe;

struct CustomMonitor {
    std::string name;
    std::stop_source fire{};
    std::shared_ptr<Probe> probe;
};

using CustomMonitors = std::vector<CustomMonitor>;

// Of an array of names, or nothing.
CustomMonitors custom_monitors_of(napi_env env, napi_value names);

AnyMonitor monitor_of(const CustomMonitor& custom);

// What the invocation has used so far; nothing if it has not begun, or is over.
std::optional<Usage> used(const CustomMonitor& custom);

}  // namespace curfew::node

#endif
