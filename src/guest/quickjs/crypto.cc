#include "guest/quickjs/crypto.h"

#include "guest/quickjs/byte_source.h"
#include "guest/quickjs/globals.h"
#include "guest/quickjs/hashes.h"
#include "guest/quickjs/hmac.h"
#include "guest/quickjs/inspect.h"
#include "guest/quickjs/value.h"

namespace curfew::guest {

namespace {

constexpr size_t kMaxRandomBytes = 65536;

bool holds_integers(JSValueConst value) {
    if (engine_kind_of(value) != ENGINE_TYPED_ARRAY) return false;
    switch (JS_GetTypedArrayType(value)) {
        case JS_TYPED_ARRAY_FLOAT16:
        case JS_TYPED_ARRAY_FLOAT32:
        case JS_TYPED_ARRAY_FLOAT64: return false;
        default: return true;
    }
}

JSValue get_random_values(JSContext* context, JSValueConst, int count, JSValueConst* arguments) {
    const JSValueConst array = count > 0 ? arguments[0] : JS_UNDEFINED;
    if (engine_kind_of(array) != ENGINE_TYPED_ARRAY && engine_kind_of(array) != ENGINE_DATA_VIEW) {
        return JS_ThrowTypeError(context, "getRandomValues takes a typed array of integers, not %s",
                                 kind_of(context, array));
    }
    const Value buffer(context, engine_buffer_of(context, array));
    if (engine_kind_of(buffer.get()) == ENGINE_SHARED_BUFFER) {
        return JS_ThrowTypeError(context, "getRandomValues does not fill what lies in a SharedArrayBuffer");
    }
    if (!holds_integers(array)) {
        return JS_ThrowDOMException(context, "TypeMismatchError",
                                    "getRandomValues fills typed arrays of integers only");
    }
    uint8_t* bytes = nullptr;
    size_t size = 0;
    if (!take_bytes(context, array, true, bytes, size)) return JS_EXCEPTION;
    if (size > kMaxRandomBytes) {
        return JS_ThrowDOMException(context, "QuotaExceededError",
                                    "getRandomValues fills at most %zu bytes at a time, not %zu", kMaxRandomBytes,
                                    size);
    }
    random_state.fill(bytes, size);
    return JS_DupValue(context, arguments[0]);
}

// A UUID of version 4, as RFC 9562 has it.
JSValue random_uuid(JSContext* context, JSValueConst, int, JSValueConst*) {
    uint8_t bytes[16];
    random_state.fill(bytes, sizeof(bytes));
    bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0f) | 0x40);  // the version
    bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3f) | 0x80);  // the variant
    char text[36];
    size_t at = 0;
    for (size_t i = 0; i < sizeof(bytes); ++i) {
        static constexpr char kDigits[] = "0123456789abcdef";
        if (i == 4 || i == 6 || i == 8 || i == 10) text[at++] = '-';
        text[at++] = kDigits[bytes[i] >> 4];
        text[at++] = kDigits[bytes[i] & 15];
    }
    return JS_NewStringLen(context, text, sizeof(text));
}

// Takes as long for any two values of the same length, wherever they differ.
JSValue timing_safe_equal(JSContext* context, JSValueConst, int count, JSValueConst* arguments) {
    // An array is copied, and its getters may run code of the script: so arrays come first.
    const JSValueConst one = count > 0 ? arguments[0] : JS_UNDEFINED;
    const JSValueConst other = count > 1 ? arguments[1] : JS_UNDEFINED;
    const bool swap = JS_IsArray(other);
    ByteSource first(context);
    ByteSource second(context);
    if (!first.take(swap ? other : one, swap ? "the second value" : "the first value") ||
        !second.take(swap ? one : other, swap ? "the first value" : "the second value")) {
        return JS_EXCEPTION;
    }
    if (first.bytes().size != second.bytes().size) return JS_NewBool(context, false);
    volatile uint8_t difference = 0;
    for (size_t i = 0; i < first.bytes().size; ++i) {
        difference = static_cast<uint8_t>(difference | (first.bytes().data[i] ^ second.bytes().data[i]));
    }
    return JS_NewBool(context, difference == 0);
}

const JSCFunctionListEntry kMembers[] = {
    JS_CFUNC_DEF2("createHash", 1, create_hash, JS_PROP_C_W_E),
    JS_CFUNC_DEF2("createHmac", 2, create_hmac, JS_PROP_C_W_E),
    JS_CFUNC_DEF2("getRandomValues", 1, get_random_values, JS_PROP_C_W_E),
    JS_CFUNC_DEF2("hash", 3, hash_at_once, JS_PROP_C_W_E),
    JS_CFUNC_DEF2("randomUUID", 0, random_uuid, JS_PROP_C_W_E),
    JS_CFUNC_DEF2("timingSafeEqual", 2, timing_safe_equal, JS_PROP_C_W_E),
    JS_PROP_STRING_DEF("[Symbol.toStringTag]", "Crypto", JS_PROP_CONFIGURABLE),
};

}  // namespace

JSValue make_crypto(JSContext* context) {
    Value crypto(context, JS_NewObject(context));
    if (crypto.failed() ||
        JS_SetPropertyFunctionList(context, crypto.get(), kMembers, sizeof(kMembers) / sizeof(kMembers[0])) < 0 ||
        JS_DefinePropertyValueStr(context, crypto.get(), "Hash", make_hash_class(context), JS_PROP_C_W_E) < 0 ||
        JS_DefinePropertyValueStr(context, crypto.get(), "Hmac", make_hmac_class(context), JS_PROP_C_W_E) < 0) {
        return JS_EXCEPTION;
    }
    return crypto.release();
}

}  // namespace curfew::guest
