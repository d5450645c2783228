// Bytes as text: hexadecimal, base64, base64url and UTF-8.
#ifndef CURFEW_GUEST_RUNTIME_ENCODINGS_H
#define CURFEW_GUEST_RUNTIME_ENCODINGS_H

#include "guest/platform/exchange.h"
#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

enum class Encoding { utf8, hex, base64, base64url };

// The encoding that a script names. False, with an exception, for another value, or for "utf-8" if `take_utf8` is not
// set.
[[nodiscard]] bool encoding_of(JSContext* context, JSValueConst name, bool take_utf8, Encoding& encoding);

// Bytes as a string in this encoding; base64url comes without padding.
JSValue encode(JSContext* context, Bytes bytes, Encoding encoding);

// The bytes that a text in this encoding stands for. `out` has room for as many bytes as the text has. False if it is
// no such text.
[[nodiscard]] bool decode(Bytes text, Encoding encoding, uint8_t* out, size_t& out_size);

// "base64url", for messages.
const char* name_of(Encoding encoding);

// Defines String.bytesFrom. False when memory runs out.
[[nodiscard]] bool install_bytes_from(JSContext* context, JSValueConst global);

}  // namespace curfew::guest

#endif
