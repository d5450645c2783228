#include "guest/quickjs/hmac.h"

#include <bearssl_hmac.h>

#include "guest/quickjs/hashes.h"
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

// Gives the object its key. `owned` is a new object of the class, or an exception.
JSValue start(JSContext* context, JSValue owned, int count, JSValueConst* arguments) {
    Value object(context, owned);
    if (object.failed()) return JS_EXCEPTION;
    const br_hash_class* const hash = hash_named(context, count > 0 ? arguments[0] : JS_UNDEFINED, "an HMAC");
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
Hmac* open_hmac(JSContext* context, JSValueConst self) {
    auto* const hmac = static_cast<Hmac*>(JS_GetOpaque2(context, self, hmac_class));
    if (!hmac || !hmac->done) return hmac;
    throw_finalized(context, "update was called after digest: make another Hmac");
    return nullptr;
}

JSValue update(JSContext* context, JSValueConst self, int count, JSValueConst* arguments) {
    Hmac* const hmac = open_hmac(context, self);
    if (!hmac) return JS_EXCEPTION;
    const auto may_go_on = [&] { return open_hmac(context, self) != nullptr; };
    const auto add = [&](const void* bytes, size_t size) { br_hmac_update(&hmac->hash, bytes, size); };
    return take_data(context, count, arguments, may_go_on, add) ? JS_DupValue(context, self) : JS_EXCEPTION;
}

// The same each time that it is asked for.
JSValue digest(JSContext* context, JSValueConst self, int count, JSValueConst* arguments) {
    auto* const hmac = static_cast<Hmac*>(JS_GetOpaque2(context, self, hmac_class));
    if (!hmac) return JS_EXCEPTION;
    uint8_t out[64];
    const size_t size = br_hmac_out(&hmac->hash, out);
    Value shown(context, shown_digest(context, out, size, count, arguments));
    if (shown.failed()) return JS_EXCEPTION;
    hmac->done = true;
    return shown.release();
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
