// What a call of a handler is told, and what it gives.
#ifndef CURFEW_CALL_OPTIONS_H
#define CURFEW_CALL_OPTIONS_H

#include <curfew/language.h>

#include <any>
#include <memory>
#include <string>

#include <curfew/monitor/monitor_set.h>
#include <curfew/usage.h>

namespace curfew {

// Settings of one call.
struct CallOptions {
    bool collect_garbage = true;  // collect the guest's garbage after the handler's end
    bool count_pages = false;     // fill in Usage::pages_dirtied, which costs some microseconds

    // The caller's own: whatever host functions, the print function and observers shall know of this call, such as the request
    // that it serves. They find it in CallContext::context() and in their events. Copied for the first host call, and kept
    // until nobody has a CallContext any more.
    std::any context{};
};

// What a successful call returns.
struct EventResult {
    std::string result;  // the handler's result, as JSON
    Usage usage;
};

namespace sandbox {

// Monitors, and what keeps them alive.
struct HeldMonitors {
    std::shared_ptr<const void> owner{};
    MonitorList list{};
};

}  // namespace sandbox

}  // namespace curfew

#endif
