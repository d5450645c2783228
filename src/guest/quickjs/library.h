// What a handler finds inside that is written in JavaScript (library/), as bytecode that was made when Curfew was built: nothing of it is
// read before it is used.
//
// Scripts that define what handlers see run in the handlers' own realm, and touch nothing that a handler can have replaced. Packages that
// others wrote run in a second realm, made when the first of them is needed: their built-in objects are out of every handler's reach, as
// long as only text, numbers and objects that stay hidden pass between the realms.
#ifndef CURFEW_GUEST_RUNTIME_LIBRARY_H
#define CURFEW_GUEST_RUNTIME_LIBRARY_H

#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

enum class Script {
    events,
    url,
    url_parser,
    international_domains,
    encodings,
    table,
    cjs_names,
    headers,
    streams,
    fetch,
    process,
    count
};

// What the script exports; it runs when it is asked for the first time. An exception when that fails.
JSValue library(JSContext* context, Script script);

// The realm of packages; null, with an exception, when memory runs out.
JSContext* package_realm(JSContext* context);

// Defines the globals that the library's scripts make. False when memory runs out.
[[nodiscard]] bool install_library(JSContext* context, JSValueConst global);

// A global that could not be made, because memory ran out, can be asked for again.
void renew_library(JSContext* context);

}  // namespace curfew::guest

#endif
