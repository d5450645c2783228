// What a handler finds inside that is written in JavaScript (library/), as bytecode that was made when Curfew was built: nothing of it is
// read before it is used.
//
// Scripts that define what handlers see run in the handlers' own realm, and touch nothing that a handler can have replaced. Packages that
// others wrote run in a second realm, made when the first of them is needed: their built-in objects are out of every handler's reach, as
// long as only text, numbers and objects that stay hidden pass between the realms.
#ifndef CURFEW_GUEST_RUNTIME_LIBRARY_H
#define CURFEW_GUEST_RUNTIME_LIBRARY_H

#include "guest/platform/exchange.h"
#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

// Each script, and the realm that it runs in. The files of those that begin with "node_" lie in library/node/.
#define CURFEW_LIBRARY_SCRIPTS(X)      \
    X(handlers, events)                \
    X(handlers, url)                   \
    X(packages, url_parser)            \
    X(packages, international_domains) \
    X(packages, encodings)             \
    X(packages, table)                 \
    X(packages, cjs_names)             \
    X(handlers, headers)               \
    X(handlers, streams)               \
    X(handlers, fetch)                 \
    X(handlers, blob)                  \
    X(handlers, process)               \
    X(handlers, node_assert)           \
    X(handlers, node_async)            \
    X(handlers, node_buffer)           \
    X(handlers, node_crypto)           \
    X(handlers, node_events)           \
    X(handlers, node_http)             \
    X(handlers, node_path)             \
    X(handlers, node_querystring)      \
    X(handlers, node_stream)           \
    X(handlers, node_string_decoder)   \
    X(handlers, node_system)           \
    X(handlers, node_url)              \
    X(handlers, node_util)

enum class Script {
#define CURFEW_ENUMERATOR(realm, name) name,
    CURFEW_LIBRARY_SCRIPTS(CURFEW_ENUMERATOR)
#undef CURFEW_ENUMERATOR
        count
};

// What the script exports; it runs when it is asked for the first time. An exception when that fails.
JSValue library(JSContext* context, Script script);

// Which script has this name. False if none has.
[[nodiscard]] bool script_named(Bytes name, Script& script);

// The realm of packages; null, with an exception, when memory runs out.
JSContext* package_realm(JSContext* context);

// Defines the globals that the library's scripts make. False when memory runs out.
[[nodiscard]] bool install_library(JSContext* context, JSValueConst global);

// A global that could not be made, because memory ran out, can be asked for again.
void renew_library(JSContext* context);

}  // namespace curfew::guest

#endif
