// Hmac: keyed hashes of SHA-2, as `crypto.createHmac` makes them. The hashing is BearSSL's.
#ifndef CURFEW_GUEST_RUNTIME_HMAC_H
#define CURFEW_GUEST_RUNTIME_HMAC_H

#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

// Makes the class, and returns its constructor.
JSValue make_hmac_class(JSContext* context);

// createHmac(algorithm, key)
JSValue create_hmac(JSContext* context, JSValueConst self, int count, JSValueConst* arguments);

}  // namespace curfew::guest

#endif
