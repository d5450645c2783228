#include "guest/quickjs/hmac.h"

#include <bearssl_hmac.h>

#include "guest/quickjs/byte_source.h"
#include "guest/quickjs/encodings.h"
#include "guest/quickjs/inspect.h"
#include "guest/quickjs/native_class.h"

namespace curfew::guest {

namespace {

JSClassID hmac_class;

struct Hmac {
    br_hmac_context hash;
    bool done;
};

Hmac* hmac_of(JSValueConst object) { return static_cast<Hmac*>(JS_GetOpaque(object, hmac_class)); }

void finalize(JSRuntime* engine, JSValueConst object) {
    Hmac* const hmac = hmac_of(object);
    if (hmac) js_free_rt(engine, hmac);
}

// Null, with an exception, for a name that means none.
const br_hash_class* hash_named(JSContext* context, JSValueConst name) {
    static constexpr char kKnown[] = R"("sha256", "sha384" or "sha512")";
    if (!JS_IsString(name)) {
        JS_ThrowTypeError(context, "the hash of an HMAC is %s, not %s", kKnown, kind_of(context, name));
        return nullptr;
    }
    const Text text(context, name);
    if (!text.valid()) return nullptr;
    if (equals(text.bytes(), "sha256")) return &br_sha256_vtable;
    if (equals(text.bytes(), "sha384")) return &br_sha384_vtable;
    if (equals(text.bytes(), "sha512")) return &br_sha512_vtable;
    JS_ThrowRangeError(context, "there is no hash \"%s\" here: use %s", text.bytes().data, kKnown);
    return nullptr;
}

// Gives the object its key. `owned` is a new object of the class, or an exception.
JSValue start(JSContext* context, JSValue owned, int count, JSValueConst* arguments) {
    Value object(context, owned);
    if (object.failed()) return JS_EXCEPTION;
    const br_hash_class* const hash = hash_named(context, count > 0 ? arguments[0] : JS_UNDEFINED);
    if (!hash) return JS_EXCEPTION;
    ByteSource key(context);
    if (!key.take(count > 1 ? arguments[1] : JS_UNDEFINED, "the key")) return JS_EXCEPTION;
    auto* const hmac = static_cast<Hmac*>(js_mallocz(context, sizeof(Hmac)));
    if (!hmac) return JS_EXCEPTION;
    br_hmac_key_context prepared;
    br_hmac_key_init(&prepared, hash, key.bytes().data, key.bytes().size);
    br_hmac_init(&hmac->hash, &prepared, 0);
    JS_SetOpaque(object.get(), hmac);
    return object.release();
}

JSValue construct(JSContext* context, JSValueConst new_target, int count, JSValueConst* arguments) {
    return start(context, new_instance(context, new_target, hmac_class), count, arguments);
}

// Null, with an exception, for a `this` that can take no more.
Hmac* open_hmac(JSContext* context, JSValueConst self, const char* method) {
    auto* const hmac = static_cast<Hmac*>(JS_GetOpaque2(context, self, hmac_class));
    if (!hmac || !hmac->done) return hmac;
    JS_ThrowPlainError(context, "%s was called after digest: make another Hmac", method);
    return nullptr;
}

JSValue update(JSContext* context, JSValueConst self, int count, JSValueConst* arguments) {
    if (!open_hmac(context, self, "update")) return JS_EXCEPTION;
    Encoding encoding = Encoding::utf8;
    if (count > 1 && !JS_IsUndefined(arguments[1]) && !encoding_of(context, arguments[1], true, encoding)) {
        return JS_EXCEPTION;
    }
    const JSValueConst data = count > 0 ? arguments[0] : JS_UNDEFINED;
    ByteSource source(context);
    if (!source.take(data, "the data")) return JS_EXCEPTION;
    // An array's getters may have called digest meanwhile.
    Hmac* const hmac = open_hmac(context, self, "update");
    if (!hmac) return JS_EXCEPTION;
    if (!JS_IsString(data) || encoding == Encoding::utf8) {
        br_hmac_update(&hmac->hash, source.bytes().data, source.bytes().size);
        return JS_DupValue(context, self);
    }
    auto* const bytes = static_cast<uint8_t*>(js_malloc(context, source.bytes().size + 1));
    if (!bytes) return JS_EXCEPTION;
    size_t size = 0;
    const bool decoded = decode(source.bytes(), encoding, bytes, size);
    if (decoded) br_hmac_update(&hmac->hash, bytes, size);
    js_free(context, bytes);
    if (!decoded) return JS_ThrowTypeError(context, "the data is no text in %s", name_of(encoding));
    return JS_DupValue(context, self);
}

JSValue digest(JSContext* context, JSValueConst self, int count, JSValueConst* arguments) {
    Hmac* const hmac = open_hmac(context, self, "digest");
    if (!hmac) return JS_EXCEPTION;
    const bool as_text = count > 0 && !JS_IsUndefined(arguments[0]);
    Encoding encoding = Encoding::hex;
    if (as_text && !encoding_of(context, arguments[0], false, encoding)) return JS_EXCEPTION;
    uint8_t out[64];
    const size_t size = br_hmac_out(&hmac->hash, out);
    hmac->done = true;
    return as_text ? encode(context, {reinterpret_cast<const char*>(out), size}, encoding)
                   : JS_NewUint8ArrayCopy(context, out, size);
}

const JSCFunctionListEntry kMembers[] = {
    JS_CFUNC_DEF("update", 1, update),
    JS_CFUNC_DEF("digest", 0, digest),
    JS_PROP_STRING_DEF("[Symbol.toStringTag]", "Hmac", JS_PROP_CONFIGURABLE),
};

}  // namespace

JSValue create_hmac(JSContext* context, JSValueConst, int count, JSValueConst* arguments) {
    return start(context, JS_NewObjectClass(context, hmac_class), count, arguments);
}

JSValue make_hmac_class(JSContext* context) {
    return make_class(context, hmac_class,
                      {.name = "Hmac",
                       .finalizer = finalize,
                       .constructor = construct,
                       .parameters = 2,
                       .members = kMembers,
                       .member_count = sizeof(kMembers) / sizeof(kMembers[0])});
}

}  // namespace curfew::guest
