// The hashes that `crypto` has: MD5, SHA-1 and SHA-2, all by BearSSL.
#ifndef CURFEW_GUEST_RUNTIME_HASHES_H
#define CURFEW_GUEST_RUNTIME_HASHES_H

#include <bearssl_hash.h>

#include "guest/quickjs/byte_source.h"
#include "guest/quickjs/encodings.h"

namespace curfew::guest {

// The hash that a script names, as Node.js knows them: "sha256" or "SHA-256". Null, with an exception, for a name that means none; `what`
// is what the hash is of: "a Hmac".
const br_hash_class* hash_named(JSContext* context, JSValueConst name, const char* what);

// Has `add` take the bytes of what a script handed over as data; a string is in `encoding`, UTF-8 if that is undefined. `may_go_on` is
// asked behind whatever may have run code of the script. False, with an exception.
template <typename MayGoOn, typename Add>
[[nodiscard]] bool take_data(JSContext* context, int count, JSValueConst* arguments, MayGoOn may_go_on, Add add) {
    Encoding encoding = Encoding::utf8;
    if (count > 1 && !JS_IsUndefined(arguments[1]) && !encoding_of(context, arguments[1], true, encoding)) return false;
    const JSValueConst data = count > 0 ? arguments[0] : JS_UNDEFINED;
    ByteSource source(context);
    // An array's getters may do anything.
    if (!source.take(data, "the data") || !may_go_on()) return false;
    if (!JS_IsString(data) || encoding == Encoding::utf8) {
        add(source.bytes().data, source.bytes().size);
        return true;
    }
    auto* const bytes = static_cast<uint8_t*>(js_malloc(context, source.bytes().size + 1));
    if (!bytes) return false;
    size_t size = 0;
    const bool decoded = decode(source.bytes(), encoding, bytes, size);
    if (decoded) add(bytes, size);
    js_free(context, bytes);
    if (!decoded) JS_ThrowTypeError(context, "the data is no text in %s", name_of(encoding));
    return decoded;
}

// digest(encoding) of either.
JSValue shown_digest(JSContext* context, const uint8_t* digest, size_t size, int count, JSValueConst* arguments);

// Throws what Node.js throws when a hash has been computed already.
JSValue throw_finalized(JSContext* context, const char* message);

// class Hash, createHash(name) and hash(name, data, encoding).
JSValue make_hash_class(JSContext* context);
JSValue create_hash(JSContext* context, JSValueConst self, int count, JSValueConst* arguments);
JSValue hash_at_once(JSContext* context, JSValueConst self, int count, JSValueConst* arguments);

}  // namespace curfew::guest

#endif
