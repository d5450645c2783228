#include "guest/quickjs/encodings.h"

#include <string.h>

#include "guest/quickjs/byte_source.h"
#include "guest/quickjs/inspect.h"
#include "guest/quickjs/utf8.h"
#include "guest/quickjs/value.h"

namespace curfew::guest {

namespace {

constexpr struct {
    const char* name;
    Encoding encoding;
} kNames[] = {{"utf-8", Encoding::utf8},
              {"utf8", Encoding::utf8},
              {"hex", Encoding::hex},
              {"base64", Encoding::base64},
              {"base64url", Encoding::base64url}};

// -1 for what is no digit.
int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool decode_hex(Bytes text, uint8_t* out, size_t& out_size) {
    if (text.size % 2 != 0) return false;
    for (size_t i = 0; i < text.size; i += 2) {
        const int high = digit_of(text.data[i]);
        const int low = digit_of(text.data[i + 1]);
        if (high < 0 || low < 0) return false;
        out[i / 2] = static_cast<uint8_t>(high * 16 + low);
    }
    out_size = text.size / 2;
    return true;
}

// Bytes become text in the encoding, and text in the encoding becomes the text that it stands for.
JSValue bytes_from(JSContext* context, JSValueConst, int count, JSValueConst* arguments) {
    const JSValueConst data = count > 0 ? arguments[0] : JS_UNDEFINED;
    Encoding encoding = Encoding::utf8;
    if (count > 1 && !JS_IsUndefined(arguments[1]) && !encoding_of(context, arguments[1], true, encoding)) {
        return JS_EXCEPTION;
    }
    ByteSource source(context);
    if (!source.take(data, "the data")) return JS_EXCEPTION;
    if (!JS_IsString(data) || encoding == Encoding::utf8) return encode(context, source.bytes(), encoding);

    auto* const bytes = static_cast<uint8_t*>(js_malloc(context, source.bytes().size + 1));
    if (!bytes) return JS_EXCEPTION;
    size_t size = 0;
    const JSValue text = decode(source.bytes(), encoding, bytes, size)
                             ? string_of_utf8(context, {reinterpret_cast<char*>(bytes), size})
                             : JS_ThrowTypeError(context, "the data is no text in %s", name_of(encoding));
    js_free(context, bytes);
    return text;
}

}  // namespace

bool encoding_of(JSContext* context, JSValueConst name, bool take_utf8, Encoding& encoding) {
    const char* const known =
        take_utf8 ? "\"utf-8\", \"hex\", \"base64\" or \"base64url\"" : "\"hex\", \"base64\" or \"base64url\"";
    if (!JS_IsString(name)) {
        JS_ThrowTypeError(context, "an encoding is %s, not %s", known, kind_of(context, name));
        return false;
    }
    const Text text(context, name);
    if (!text.valid()) return false;
    for (const auto& entry : kNames) {
        if (!equals(text.bytes(), entry.name) || (entry.encoding == Encoding::utf8 && !take_utf8)) continue;
        encoding = entry.encoding;
        return true;
    }
    JS_ThrowRangeError(context, "there is no encoding \"%s\" here: use %s", text.bytes().data, known);
    return false;
}

JSValue encode(JSContext* context, Bytes bytes, Encoding encoding) {
    if (encoding == Encoding::utf8) return string_of_utf8(context, bytes);
    const bool hex = encoding == Encoding::hex;
    auto* const text =
        static_cast<char*>(js_malloc(context, (hex ? 2 * bytes.size : engine_base64_room(bytes.size)) + 1));
    if (!text) return JS_EXCEPTION;
    size_t size = 0;
    if (hex) {
        static constexpr char kDigits[] = "0123456789abcdef";
        for (size_t i = 0; i < bytes.size; ++i) {
            text[size++] = kDigits[static_cast<uint8_t>(bytes.data[i]) >> 4];
            text[size++] = kDigits[static_cast<uint8_t>(bytes.data[i]) & 15];
        }
    } else {
        size = engine_base64_encode(reinterpret_cast<const uint8_t*>(bytes.data), bytes.size, text,
                                    encoding == Encoding::base64url);
    }
    const JSValue string = JS_NewStringLen(context, text, size);
    js_free(context, text);
    return string;
}

bool decode(Bytes text, Encoding encoding, uint8_t* out, size_t& out_size) {
    switch (encoding) {
        case Encoding::hex: return decode_hex(text, out, out_size);
        case Encoding::base64:
        case Encoding::base64url:
            return engine_base64_decode(text.data, text.size, out, &out_size, encoding == Encoding::base64url);
        case Encoding::utf8: break;
    }
    memcpy(out, text.data, text.size);
    out_size = text.size;
    return true;
}

const char* name_of(Encoding encoding) {
    for (const auto& entry : kNames) {
        if (entry.encoding == encoding) return entry.name;
    }
    return "";
}

bool install_bytes_from(JSContext* context, JSValueConst global) {
    const Value string(context, JS_GetPropertyStr(context, global, "String"));
    return JS_DefinePropertyValueStr(context, string.get(), "bytesFrom",
                                     JS_NewCFunction(context, bytes_from, "bytesFrom", 2),
                                     JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) >= 0;
}

}  // namespace curfew::guest
