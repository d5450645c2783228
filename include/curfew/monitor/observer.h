// How metrics and logs learn what monitors do.
#ifndef CURFEW_MONITOR_OBSERVER_H
#define CURFEW_MONITOR_OBSERVER_H

#include <memory>
#include <string_view>

#include <curfew/error.h>
#include <curfew/export.h>

namespace curfew::monitor {

// A monitor ended an invocation.
struct Termination {
    std::string_view monitor;  // its name, unescaped: a custom monitor may have any characters in it
    std::string_view handler;  // Invocation::handler()
    const Error& error;        // what the caller gets
};

// A soft monitor's limit was exceeded, or it could not go on measuring; the invocation goes on.
struct Warning {
    std::string_view monitor;
    std::string_view handler;
    std::string_view message;  // a sentence
};

// Views are valid during the call only. Functions are called from many threads at once.
class CURFEW_EXPORT Observer {
  public:
    virtual ~Observer() = default;

    // Exactly once per terminated invocation, on its calling thread, before the call returns.
    virtual void terminated(const Termination& termination) noexcept = 0;

    // Once per warning, on a thread of the runtime that may block.
    virtual void warned(const Warning& warning) noexcept = 0;
};

// Makes `observer` the process's one observer (null: none) and returns the one before. Thread-safe; a call
// that is being ended at this moment may still tell the old one.
CURFEW_EXPORT std::shared_ptr<Observer> set_observer(std::shared_ptr<Observer> observer);

// The present observer, or null.
CURFEW_EXPORT std::shared_ptr<Observer> observer();

}  // namespace curfew::monitor

#endif
