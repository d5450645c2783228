#include "guest/quickjs/hashes.h"

#include "guest/quickjs/inspect.h"
#include "guest/quickjs/native_class.h"

namespace curfew::guest {

namespace {

constexpr char kKnown[] = R"("md5", "sha1", "sha224", "sha256", "sha384" or "sha512")";
constexpr struct {
    const char* name;
    const br_hash_class* hash;
} kHashes[] = {{"md5", &br_md5_vtable},       {"sha1", &br_sha1_vtable},     {"sha224", &br_sha224_vtable},
               {"sha256", &br_sha256_vtable}, {"sha384", &br_sha384_vtable}, {"sha512", &br_sha512_vtable}};

constexpr size_t kLongestDigest = 64;

JSClassID hash_class;

struct Hash {
    br_hash_compat_context state;
    bool done;
};

size_t digest_size(const br_hash_class* hash) { return (hash->desc >> BR_HASHDESC_OUT_OFF) & BR_HASHDESC_OUT_MASK; }

void finalize(JSRuntime* engine, JSValueConst object) {
    void* const hash = JS_GetOpaque(object, hash_class);
    if (hash) js_free_rt(engine, hash);
}

// The name in small letters, without hyphens. Empty if it is too long for any.
Bytes normalized(Bytes name, char (&room)[16]) {
    size_t size = 0;
    for (size_t i = 0; i < name.size; ++i) {
        const char c = name.data[i];
        if (c == '-') continue;
        if (size == sizeof(room)) return {room, 0};
        room[size++] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return {room, size};
}

JSValue start(JSContext* context, JSValue owned, int count, JSValueConst* arguments) {
    Value object(context, owned);
    if (object.failed()) return JS_EXCEPTION;
    const br_hash_class* const hash = hash_named(context, count > 0 ? arguments[0] : JS_UNDEFINED, "a Hash");
    if (!hash) return JS_EXCEPTION;
    auto* const state = static_cast<Hash*>(js_mallocz(context, sizeof(Hash)));
    if (!state) return JS_EXCEPTION;
    hash->init(&state->state.vtable);
    JS_SetOpaque(object.get(), state);
    return object.release();
}

JSValue construct(JSContext* context, JSValueConst new_target, int count, JSValueConst* arguments) {
    return start(context, new_instance(context, new_target, hash_class), count, arguments);
}

Hash* open_hash(JSContext* context, JSValueConst self) {
    auto* const hash = static_cast<Hash*>(JS_GetOpaque2(context, self, hash_class));
    if (!hash || !hash->done) return hash;
    throw_finalized(context, "Digest already called");
    return nullptr;
}

JSValue update(JSContext* context, JSValueConst self, int count, JSValueConst* arguments) {
    Hash* hash = open_hash(context, self);
    if (!hash) return JS_EXCEPTION;
    const auto may_go_on = [&] { return open_hash(context, self) != nullptr; };
    const auto add = [&](const void* bytes, size_t size) {
        hash->state.vtable->update(&hash->state.vtable, bytes, size);
    };
    return take_data(context, count, arguments, may_go_on, add) ? JS_DupValue(context, self) : JS_EXCEPTION;
}

JSValue digest(JSContext* context, JSValueConst self, int count, JSValueConst* arguments) {
    Hash* const hash = open_hash(context, self);
    if (!hash) return JS_EXCEPTION;
    uint8_t out[kLongestDigest];
    hash->state.vtable->out(&hash->state.vtable, out);
    Value shown(context, shown_digest(context, out, digest_size(hash->state.vtable), count, arguments));
    if (shown.failed()) return JS_EXCEPTION;
    hash->done = true;
    return shown.release();
}

JSValue copy(JSContext* context, JSValueConst self, int, JSValueConst*) {
    const Hash* const hash = open_hash(context, self);
    if (!hash) return JS_EXCEPTION;
    Value object(context, JS_NewObjectClass(context, hash_class));
    auto* const state = object.failed() ? nullptr : static_cast<Hash*>(js_malloc(context, sizeof(Hash)));
    if (!state) return JS_EXCEPTION;
    *state = *hash;
    JS_SetOpaque(object.get(), state);
    return object.release();
}

const JSCFunctionListEntry kMembers[] = {
    JS_CFUNC_DEF("update", 1, update),
    JS_CFUNC_DEF("digest", 0, digest),
    JS_CFUNC_DEF("copy", 0, copy),
    JS_PROP_STRING_DEF("[Symbol.toStringTag]", "Hash", JS_PROP_CONFIGURABLE),
};

}  // namespace

const br_hash_class* hash_named(JSContext* context, JSValueConst name, const char* what) {
    if (!JS_IsString(name)) {
        JS_ThrowTypeError(context, "the hash of %s is %s, not %s", what, kKnown, kind_of(context, name));
        return nullptr;
    }
    const Text text(context, name);
    if (!text.valid()) return nullptr;
    char room[16];
    const Bytes wanted = normalized(text.bytes(), room);
    for (const auto& known : kHashes) {
        if (equals(wanted, known.name)) return known.hash;
    }
    JS_ThrowRangeError(context, "there is no hash \"%s\" here: use %s", text.bytes().data, kKnown);
    return nullptr;
}

JSValue shown_digest(JSContext* context, const uint8_t* digest, size_t size, int count, JSValueConst* arguments) {
    if (count == 0 || JS_IsUndefined(arguments[0])) return JS_NewUint8ArrayCopy(context, digest, size);
    Encoding encoding = Encoding::hex;
    if (!encoding_of(context, arguments[0], false, encoding)) return JS_EXCEPTION;
    return encode(context, {reinterpret_cast<const char*>(digest), size}, encoding);
}

JSValue throw_finalized(JSContext* context, const char* message) {
    JS_ThrowPlainError(context, "%s", message);
    Value error(context, JS_GetException(context));
    if (JS_IsError(error.get()) &&
        JS_DefinePropertyValueStr(context, error.get(), "code", JS_NewString(context, "ERR_CRYPTO_HASH_FINALIZED"),
                                  JS_PROP_C_W_E) < 0) {
        return JS_EXCEPTION;
    }
    return JS_Throw(context, error.release());
}

JSValue create_hash(JSContext* context, JSValueConst, int count, JSValueConst* arguments) {
    return start(context, JS_NewObjectClass(context, hash_class), count, arguments);
}

// hash(name, data, encoding), hexadecimal if none is named.
JSValue hash_at_once(JSContext* context, JSValueConst, int count, JSValueConst* arguments) {
    const br_hash_class* const hash = hash_named(context, count > 0 ? arguments[0] : JS_UNDEFINED, "hash()");
    if (!hash) return JS_EXCEPTION;
    ByteSource source(context);
    if (!source.take(count > 1 ? arguments[1] : JS_UNDEFINED, "the data")) return JS_EXCEPTION;
    br_hash_compat_context state;
    hash->init(&state.vtable);
    hash->update(&state.vtable, source.bytes().data, source.bytes().size);
    uint8_t out[kLongestDigest];
    hash->out(&state.vtable, out);
    const bool is_named = count > 2 && !JS_IsUndefined(arguments[2]);
    const Value hex(context, is_named ? JS_UNDEFINED : JS_NewString(context, "hex"));
    if (hex.failed()) return JS_EXCEPTION;
    JSValueConst encoding = is_named ? arguments[2] : hex.get();
    return shown_digest(context, out, digest_size(hash), 1, &encoding);
}

JSValue make_hash_class(JSContext* context) {
    return make_class(context, hash_class,
                      {.name = "Hash",
                       .finalizer = finalize,
                       .constructor = construct,
                       .parameters = 1,
                       .members = kMembers,
                       .member_count = sizeof(kMembers) / sizeof(kMembers[0])});
}

}  // namespace curfew::guest
