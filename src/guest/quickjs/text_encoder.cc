#include "guest/quickjs/text_encoder.h"

#include <string.h>

#include "guest/quickjs/byte_source.h"
#include "guest/quickjs/inspect.h"
#include "guest/quickjs/native_class.h"
#include "guest/quickjs/utf8.h"

namespace curfew::guest {

namespace {

JSClassID encoder_class;

JSValue construct_encoder(JSContext* context, JSValueConst new_target, int, JSValueConst*) {
    return new_instance(context, new_target, encoder_class);
}

bool is_encoder(JSContext* context, JSValueConst self) {
    if (JS_GetClassID(self) == encoder_class) return true;
    JS_ThrowTypeError(context, "this is no TextEncoder");
    return false;
}

JSValue encoder_encoding(JSContext* context, JSValueConst self) {
    return is_encoder(context, self) ? JS_NewString(context, "utf-8") : JS_EXCEPTION;
}

JSValue encode_text(JSContext* context, JSValueConst self, int count, JSValueConst* arguments) {
    if (!is_encoder(context, self)) return JS_EXCEPTION;
    if (count == 0 || JS_IsUndefined(arguments[0])) return JS_NewUint8ArrayCopy(context, nullptr, 0);
    const Value text(context, JS_ToString(context, arguments[0]));
    ByteSource source(context);
    if (text.failed() || !source.take(text.get(), "the text")) return JS_EXCEPTION;
    return JS_NewUint8ArrayCopy(context, reinterpret_cast<const uint8_t*>(source.bytes().data), source.bytes().size);
}

// Writes a code point, if there is room for it. Returns how many bytes it took.
size_t put_utf8(uint32_t point, uint8_t* out, size_t room) {
    const size_t size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (size > room) return 0;
    if (size == 1) {
        out[0] = static_cast<uint8_t>(point);
        return 1;
    }
    static constexpr uint8_t kMarks[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = size; i-- > 1; point >>= 6) out[i] = static_cast<uint8_t>(0x80 | (point & 0x3f));
    out[0] = static_cast<uint8_t>(kMarks[size] | point);
    return size;
}

bool is_lead(uint32_t unit) { return (unit & 0xfc00) == 0xd800; }
bool is_trail(uint32_t unit) { return (unit & 0xfc00) == 0xdc00; }

JSValue encode_into(JSContext* context, JSValueConst self, int count, JSValueConst* arguments) {
    if (!is_encoder(context, self)) return JS_EXCEPTION;
    const JSValueConst target = count > 1 ? arguments[1] : JS_UNDEFINED;
    if (JS_GetTypedArrayType(target) != JS_TYPED_ARRAY_UINT8) {
        return JS_ThrowTypeError(context, "encodeInto writes to a Uint8Array, not to %s", kind_of(context, target));
    }
    size_t length = 0;
    const uint16_t* const units = JS_ToCStringLenUTF16(context, &length, arguments[0]);
    if (!units) return JS_EXCEPTION;
    uint8_t* out = nullptr;
    size_t room = 0;
    if (!take_bytes(context, target, true, out, room)) {
        JS_FreeCStringUTF16(context, units);
        return JS_EXCEPTION;
    }
    size_t read = 0;
    size_t written = 0;
    while (read < length) {
        uint32_t point = units[read];
        size_t taken = 1;
        if (is_lead(point) && read + 1 < length && is_trail(units[read + 1])) {
            point = 0x10000 + ((point - 0xd800) << 10) + (units[read + 1] - 0xdc00u);
            taken = 2;
        } else if (is_lead(point) || is_trail(point)) {
            point = 0xfffd;
        }
        const size_t size = put_utf8(point, out + written, room - written);
        if (size == 0) break;
        written += size;
        read += taken;
    }
    JS_FreeCStringUTF16(context, units);
    Value result(context, JS_NewObject(context));
    if (result.failed() ||
        JS_DefinePropertyValueStr(context, result.get(), "read", JS_NewInt64(context, static_cast<int64_t>(read)),
                                  JS_PROP_C_W_E) < 0 ||
        JS_DefinePropertyValueStr(context, result.get(), "written", JS_NewInt64(context, static_cast<int64_t>(written)),
                                  JS_PROP_C_W_E) < 0) {
        return JS_EXCEPTION;
    }
    return result.release();
}

const JSCFunctionListEntry kEncoderMembers[] = {
    JS_CGETSET_DEF2("encoding", encoder_encoding, nullptr, JS_PROP_CONFIGURABLE | JS_PROP_ENUMERABLE),
    JS_CFUNC_DEF2("encode", 0, encode_text, JS_PROP_C_W_E),
    JS_CFUNC_DEF2("encodeInto", 2, encode_into, JS_PROP_C_W_E),
    JS_PROP_STRING_DEF("[Symbol.toStringTag]", "TextEncoder", JS_PROP_CONFIGURABLE),
};

}  // namespace

bool install_text_encoder(JSContext* context, JSValueConst global) {
    return JS_DefinePropertyValueStr(context, global, "TextEncoder",
                                     make_class(context, encoder_class,
                                                {.name = "TextEncoder",
                                                 .finalizer = nullptr,
                                                 .constructor = construct_encoder,
                                                 .parameters = 0,
                                                 .members = kEncoderMembers,
                                                 .member_count = sizeof(kEncoderMembers) / sizeof(kEncoderMembers[0])}),
                                     JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) >= 0;
}

}  // namespace curfew::guest
