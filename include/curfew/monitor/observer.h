// What monitors tell. A program listens through curfew::Observer (<curfew/observer.h>), which hears this and everything else;
// here is the part of it that the monitors know, and that supervise takes for one call (SuperviseOptions::observer).
#ifndef CURFEW_MONITOR_OBSERVER_H
#define CURFEW_MONITOR_OBSERVER_H

#include <curfew/language.h>

#include <string_view>

#include <curfew/error.h>
#include <curfew/export.h>

namespace curfew {

namespace monitor {

// A monitor ended an invocation.
struct Termination {
    std::string_view monitor;  // its name, unescaped: a custom monitor may have any bytes in it
    std::string_view handler;  // Invocation::handler()
    std::string_view limit;    // in the monitor's words ("50 ms of CPU time"); empty if it does not say
    std::string_view used;     // by the whole invocation, in words; error.usage has the figures
    const Error& error;        // what the caller gets
};

// A soft monitor's limit was exceeded, or it could not go on measuring; the invocation goes on.
struct Warning {
    std::string_view monitor;
    std::string_view handler;
    std::string_view limit;
    std::string_view used;     // until now
    std::string_view message;  // a sentence
};

}  // namespace monitor

// Views are valid during the call only. Functions are called from many threads at once.
class CURFEW_EXPORT MonitorObserver {
  public:
    virtual ~MonitorObserver() = default;

    // Exactly once per terminated invocation, on its calling thread, before the call returns.
    virtual void terminated(const monitor::Termination& /*event*/) noexcept {}

    // Once per warning, on a thread of the runtime that may block; on the calling thread, if the limit was exceeded before
    // the start. Always before the call returns.
    virtual void warned(const monitor::Warning& /*event*/) noexcept {}

  protected:
    MonitorObserver() = default;
    MonitorObserver(const MonitorObserver&) = default;
    MonitorObserver& operator=(const MonitorObserver&) = default;
};

}  // namespace curfew

#endif
