#include "guest/quickjs/text_codec.h"

#include <string.h>

#include "guest/quickjs/byte_source.h"
#include "guest/quickjs/inspect.h"
#include "guest/quickjs/native_class.h"
#include "guest/quickjs/utf8.h"

namespace curfew::guest {

namespace {

JSClassID encoder_class;
JSClassID decoder_class;

// --- TextEncoder -----------------------------------------------------------------------------------------

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
    if (!engine_bytes_of(context, target, true, &out, &room)) {
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
    JS_CGETSET_DEF("encoding", encoder_encoding, nullptr),
    JS_CFUNC_DEF("encode", 0, encode_text),
    JS_CFUNC_DEF("encodeInto", 2, encode_into),
    JS_PROP_STRING_DEF("[Symbol.toStringTag]", "TextEncoder", JS_PROP_CONFIGURABLE),
};

// --- TextDecoder -----------------------------------------------------------------------------------------

struct Decoder {
    bool is_utf16;
    bool fatal;
    bool ignore_bom;
    bool started;          // the next bytes are not a text's first
    uint8_t pending_size;  // bytes of a character that has not ended
    uint8_t pending[3];
};

void finalize_decoder(JSRuntime* engine, JSValueConst object) {
    void* const decoder = JS_GetOpaque(object, decoder_class);
    if (decoder) js_free_rt(engine, decoder);
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }

// The encoding that a label means, as the standard lists them. False, with an exception, for all others.
bool take_label(JSContext* context, JSValueConst value, bool& is_utf16) {
    static constexpr const char* kUtf8[] = {"utf-8",         "utf8",          "unicode-1-1-utf-8",
                                            "unicode11utf8", "unicode20utf8", "x-unicode20utf8"};
    static constexpr const char* kUtf16[] = {"utf-16le", "utf-16",    "ucs-2",      "iso-10646-ucs-2",
                                             "unicode",  "csunicode", "unicodefeff"};
    const Text text(context, value);
    if (!text.valid()) return false;
    Bytes label = text.bytes();
    while (label.size > 0 && is_blank(label.data[0])) label = {label.data + 1, label.size - 1};
    while (label.size > 0 && is_blank(label.data[label.size - 1])) --label.size;
    char lower[24];
    if (label.size < sizeof(lower)) {
        for (size_t i = 0; i < label.size; ++i) {
            const char c = label.data[i];
            lower[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
        for (const char* known : kUtf8) {
            if (equals({lower, label.size}, known)) return true;
        }
        is_utf16 = true;
        for (const char* known : kUtf16) {
            if (equals({lower, label.size}, known)) return true;
        }
    }
    JS_ThrowRangeError(context, "TextDecoder knows no encoding \"%s\": it has utf-8 and utf-16le", text.bytes().data);
    return false;
}

// False, with an exception, when looking for the option threw.
bool take_option(JSContext* context, JSValueConst options, const char* name, bool& option) {
    if (!JS_IsObject(options)) return true;
    const Value value(context, JS_GetPropertyStr(context, options, name));
    if (value.failed()) return false;
    option = JS_ToBool(context, value.get()) > 0;
    return true;
}

JSValue construct_decoder(JSContext* context, JSValueConst new_target, int count, JSValueConst* arguments) {
    Decoder made{};
    const JSValueConst options = count > 1 ? arguments[1] : JS_UNDEFINED;
    if ((count > 0 && !JS_IsUndefined(arguments[0]) && !take_label(context, arguments[0], made.is_utf16)) ||
        !take_option(context, options, "fatal", made.fatal) ||
        !take_option(context, options, "ignoreBOM", made.ignore_bom)) {
        return JS_EXCEPTION;
    }
    Value object(context, new_instance(context, new_target, decoder_class));
    if (object.failed()) return JS_EXCEPTION;
    auto* const decoder = static_cast<Decoder*>(js_malloc(context, sizeof(Decoder)));
    if (!decoder) return JS_EXCEPTION;
    *decoder = made;
    JS_SetOpaque(object.get(), decoder);
    return object.release();
}

Decoder* decoder_of(JSContext* context, JSValueConst self) {
    return static_cast<Decoder*>(JS_GetOpaque2(context, self, decoder_class));
}

JSValue throw_fault(JSContext* context, const Decoder& decoder) {
    return JS_ThrowTypeError(context, "the data is no %s", decoder.is_utf16 ? "UTF-16" : "UTF-8");
}

// Decodes all, but for what may be the beginning of a character that the next call brings the rest of. `keep` becomes
// how many bytes at the end that is.
JSValue decode_utf8(JSContext* context, const Decoder& decoder, Bytes data, bool more_comes, size_t& keep) {
    const Utf8Fault fault = find_utf8_fault(data);
    // Only a text's last character can be cut off, so all but that is known to be well when it is the first fault.
    if (fault.at < data.size && more_comes) {
        Bytes rest = data;
        Utf8Fault last = fault;
        while (last.at < rest.size && !last.is_cut_off) {
            if (decoder.fatal) return throw_fault(context, decoder);
            rest = {rest.data + last.at + last.size, rest.size - last.at - last.size};
            last = find_utf8_fault(rest);
        }
        if (last.is_cut_off) {
            keep = last.size;
            data.size -= keep;
        }
    } else if (fault.at < data.size && decoder.fatal) {
        return throw_fault(context, decoder);
    }
    return string_of_utf8(context, data);
}

JSValue decode_utf16(JSContext* context, const Decoder& decoder, Bytes data, bool more_comes, size_t& keep) {
    size_t count = data.size / 2;
    const bool odd = data.size % 2 != 0;
    auto* const units = static_cast<uint16_t*>(js_malloc(context, (count + 1) * sizeof(uint16_t)));
    if (!units) return JS_EXCEPTION;
    memcpy(units, data.data, count * sizeof(uint16_t));
    keep = more_comes && odd ? 1 : 0;
    if (more_comes && count > 0 && is_lead(units[count - 1])) {
        keep += 2;
        --count;
    }
    bool fault = odd && !more_comes;
    if (fault) units[count++] = 0xfffd;
    for (size_t i = 0; i < count; ++i) {
        if (is_lead(units[i]) && i + 1 < count && is_trail(units[i + 1])) {
            ++i;
        } else if (is_lead(units[i]) || is_trail(units[i])) {
            fault = true;
            units[i] = 0xfffd;
        }
    }
    const JSValue text =
        fault && decoder.fatal ? throw_fault(context, decoder) : JS_NewStringUTF16(context, units, count);
    js_free(context, units);
    return text;
}

// What of the data is the mark that some texts begin with.
size_t mark_size(const Decoder& decoder, Bytes data) {
    if (decoder.started || decoder.ignore_bom) return 0;
    const char* const mark = decoder.is_utf16 ? "\xff\xfe" : "\xef\xbb\xbf";
    const size_t size = strlen(mark);
    return data.size >= size && memcmp(data.data, mark, size) == 0 ? size : 0;
}

JSValue decode_bytes(JSContext* context, Decoder& decoder, Bytes data, bool more_comes) {
    const size_t mark = mark_size(decoder, data);
    data = {data.data + mark, data.size - mark};
    size_t keep = 0;
    const JSValue text = decoder.is_utf16 ? decode_utf16(context, decoder, data, more_comes, keep)
                                          : decode_utf8(context, decoder, data, more_comes, keep);
    const bool goes_on = more_comes && !JS_IsException(text);
    decoder.started = goes_on && (decoder.started || mark + data.size > keep);
    decoder.pending_size = goes_on ? static_cast<uint8_t>(keep) : 0;
    if (goes_on) memcpy(decoder.pending, data.data + data.size - keep, keep);
    return text;
}

JSValue decode_data(JSContext* context, JSValueConst self, int count, JSValueConst* arguments) {
    Decoder* const decoder = decoder_of(context, self);
    if (!decoder) return JS_EXCEPTION;
    bool more_comes = false;
    if (count > 1 && !take_option(context, arguments[1], "stream", more_comes)) return JS_EXCEPTION;
    const JSValueConst value = count > 0 ? arguments[0] : JS_UNDEFINED;
    uint8_t* bytes = nullptr;
    size_t size = 0;
    if (has_bytes(value)) {
        if (!engine_bytes_of(context, value, false, &bytes, &size)) return JS_EXCEPTION;
    } else if (!JS_IsUndefined(value)) {
        return JS_ThrowTypeError(context, "decode takes a typed array, a DataView or an ArrayBuffer, not %s",
                                 kind_of(context, value));
    }
    const Bytes data{reinterpret_cast<const char*>(bytes), size};
    if (decoder->pending_size == 0) return decode_bytes(context, *decoder, data, more_comes);
    auto* const joined = static_cast<char*>(js_malloc(context, decoder->pending_size + size));
    if (!joined) return JS_EXCEPTION;
    memcpy(joined, decoder->pending, decoder->pending_size);
    if (size > 0) memcpy(joined + decoder->pending_size, bytes, size);
    const JSValue text = decode_bytes(context, *decoder, {joined, decoder->pending_size + size}, more_comes);
    js_free(context, joined);
    return text;
}

JSValue decoder_encoding(JSContext* context, JSValueConst self) {
    const Decoder* const decoder = decoder_of(context, self);
    return decoder ? JS_NewString(context, decoder->is_utf16 ? "utf-16le" : "utf-8") : JS_EXCEPTION;
}

JSValue decoder_fatal(JSContext* context, JSValueConst self) {
    const Decoder* const decoder = decoder_of(context, self);
    return decoder ? JS_NewBool(context, decoder->fatal) : JS_EXCEPTION;
}

JSValue decoder_ignore_bom(JSContext* context, JSValueConst self) {
    const Decoder* const decoder = decoder_of(context, self);
    return decoder ? JS_NewBool(context, decoder->ignore_bom) : JS_EXCEPTION;
}

const JSCFunctionListEntry kDecoderMembers[] = {
    JS_CGETSET_DEF("encoding", decoder_encoding, nullptr),
    JS_CGETSET_DEF("fatal", decoder_fatal, nullptr),
    JS_CGETSET_DEF("ignoreBOM", decoder_ignore_bom, nullptr),
    JS_CFUNC_DEF("decode", 0, decode_data),
    JS_PROP_STRING_DEF("[Symbol.toStringTag]", "TextDecoder", JS_PROP_CONFIGURABLE),
};

template <int N>
constexpr int count_of(const JSCFunctionListEntry (&)[N]) {
    return N;
}

}  // namespace

bool install_text_codecs(JSContext* context, JSValueConst global) {
    const auto define = [&](const char* name, JSClassID& id, const NativeClass& what) {
        return JS_DefinePropertyValueStr(context, global, name, make_class(context, id, what),
                                         JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) >= 0;
    };
    return define("TextEncoder", encoder_class,
                  {.name = "TextEncoder",
                   .finalizer = nullptr,
                   .constructor = construct_encoder,
                   .parameters = 0,
                   .members = kEncoderMembers,
                   .member_count = count_of(kEncoderMembers)}) &&
           define("TextDecoder", decoder_class,
                  {.name = "TextDecoder",
                   .finalizer = finalize_decoder,
                   .constructor = construct_decoder,
                   .parameters = 0,
                   .members = kDecoderMembers,
                   .member_count = count_of(kDecoderMembers)});
}

}  // namespace curfew::guest
