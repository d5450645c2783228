// Functions of the host, as functions of the guest.
//
// Arguments go as JSON, but for those that are bytes (typed arrays, DataViews and ArrayBuffers), which go as they are;
// so do results. Everything is encoded before the mailbox is touched, because encoding may run a script's toJSON, and
// that may print or call the host itself.
//
// A function that the host marks as asynchronous gives a promise, whatever happens: what goes wrong rejects it.
#ifndef CURFEW_GUEST_RUNTIME_HOST_CALLS_H
#define CURFEW_GUEST_RUNTIME_HOST_CALLS_H

#include "guest/platform/exchange.h"
#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

// A function that calls the host's. An exception when memory runs out.
JSValue make_host_function(JSContext* context, Bytes module, Bytes function, wire::FunctionMark mark);

}  // namespace curfew::guest

#endif
