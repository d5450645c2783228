// What a call of a handler is told, and what it gives.
#ifndef CURFEW_CALL_OPTIONS_H
#define CURFEW_CALL_OPTIONS_H

#include <curfew/language.h>

#include <any>
#include <concepts>
#include <memory>
#include <string>
#include <type_traits>

#include <curfew/monitor/monitor_set.h>
#include <curfew/usage.h>

namespace curfew {

class Value;         // <curfew/value.h>
struct ValueResult;  // likewise

// What an event and its result are written in.
enum class ValueFormat {
    json,  // as UTF-8
    cbor,  // RFC 8949: bytes, undefined, BigInt, Date, Map and all else that docs/values.md lists
};

// Settings of one call.
struct CallOptions {
    bool collect_garbage = true;  // collect the guest's garbage after the handler's end
    bool count_pages = false;     // fill in Usage::pages_dirtied, which costs some microseconds

    // The caller's own: whatever host functions, the print function and observers shall know of this call, such as the request
    // that it serves. They find it in CallContext::context() and in their events. Copied for the first host call, and kept
    // until nobody has a CallContext any more.
    std::any context{};

    ValueFormat format = ValueFormat::json;
};

// What a successful call returns.
struct EventResult {
    std::string result;  // the handler's result, as JSON, or what CallOptions asked for
    Usage usage;
    ValueFormat format = ValueFormat::json;  // what `result` is written in
};

namespace sandbox {

// Monitors, and what keeps them alive.
struct HeldMonitors {
    std::shared_ptr<const void> owner{};
    MonitorList list{};
};

}  // namespace sandbox

// What a successful call with an event of this type returns.
template <typename Event>
using ResultOf = std::conditional_t<std::same_as<Event, Value>, ValueResult, EventResult>;

}  // namespace curfew

#endif
