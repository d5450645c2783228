// The global `crypto`: keyed hashes, and random numbers from the seed that the host gives.
#ifndef CURFEW_GUEST_RUNTIME_CRYPTO_H
#define CURFEW_GUEST_RUNTIME_CRYPTO_H

#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

// A new `crypto`.
JSValue make_crypto(JSContext* context);

}  // namespace curfew::guest

#endif
