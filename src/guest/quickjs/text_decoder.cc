#include "guest/quickjs/text_decoder.h"

#include <string.h>

#include "guest/quickjs/byte_source.h"
#include "guest/quickjs/inspect.h"
#include "guest/quickjs/library.h"
#include "guest/quickjs/native_class.h"
#include "guest/quickjs/utf8.h"

namespace curfew::guest {

namespace {

JSClassID decoder_class;

bool is_lead(uint32_t unit) { return (unit & 0xfc00) == 0xd800; }
bool is_trail(uint32_t unit) { return (unit & 0xfc00) == 0xdc00; }

enum class Kind : uint8_t { utf8, utf16le, utf16be, other };

struct Decoder {
    Kind kind;
    bool fatal;
    bool ignore_bom;
    bool started;          // the next bytes are not a text's first
    uint8_t pending_size;  // bytes of a character that has not ended
    uint8_t pending[3];
    JSValue name;  // of another encoding
    JSValue
        decode;  // the library's function for it, which keeps what is pending itself; undefined where none is at work
};

void finalize_decoder(JSRuntime* engine, JSValueConst object) {
    auto* const decoder = static_cast<Decoder*>(JS_GetOpaque(object, decoder_class));
    if (!decoder) return;
    JS_FreeValueRT(engine, decoder->name);
    JS_FreeValueRT(engine, decoder->decode);
    js_free_rt(engine, decoder);
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }

bool is_one_of(Bytes text, const char* const* names, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        if (equals(text, names[i])) return true;
    }
    return false;
}

// An encoding that the library has. False, with an exception, for a label that means none.
bool take_other(JSContext* context, Bytes label, Decoder& made) {
    const Value encodings(context, library(context, Script::encodings));
    if (encodings.failed()) return false;
    const Value name_of(context, JS_GetPropertyStr(context, encodings.get(), "nameOf"));
    const Value text(context, JS_NewStringLen(context, label.data, label.size));
    if (text.failed()) return false;
    JSValue argument = text.get();
    Value name(context, JS_Call(context, name_of.get(), JS_UNDEFINED, 1, &argument));
    if (name.failed()) return false;
    if (JS_IsUndefined(name.get())) {
        const Text shown(context, text.get());
        JS_ThrowRangeError(context, "TextDecoder knows no encoding \"%s\"", shown.valid() ? shown.bytes().data : "");
        return false;
    }
    const Text found(context, name.get());
    if (!found.valid()) return false;
    if (equals(found.bytes(), "utf-16be")) {
        made.kind = Kind::utf16be;
        return true;
    }
    made.kind = Kind::other;
    made.name = name.release();
    return true;
}

// The encoding that a label means, as the standard lists them. False, with an exception, for all others.
bool take_label(JSContext* context, JSValueConst value, Decoder& made) {
    static constexpr const char* kUtf8[] = {"utf-8",         "utf8",          "unicode-1-1-utf-8",
                                            "unicode11utf8", "unicode20utf8", "x-unicode20utf8"};
    static constexpr const char* kUtf16[] = {"utf-16le", "utf-16",    "ucs-2",      "iso-10646-ucs-2",
                                             "unicode",  "csunicode", "unicodefeff"};
    const Text text(context, value);
    if (!text.valid()) return false;
    Bytes label = text.bytes();
    while (label.size > 0 && is_blank(label.data[0])) label = {label.data + 1, label.size - 1};
    while (label.size > 0 && is_blank(label.data[label.size - 1])) --label.size;
    char lower[32];
    if (label.size >= sizeof(lower)) {
        JS_ThrowRangeError(context, "TextDecoder knows no encoding \"%s\"", text.bytes().data);
        return false;
    }
    for (size_t i = 0; i < label.size; ++i) {
        const char c = label.data[i];
        lower[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    label.data = lower;
    if (is_one_of(label, kUtf8, sizeof(kUtf8) / sizeof(kUtf8[0]))) return true;
    if (!is_one_of(label, kUtf16, sizeof(kUtf16) / sizeof(kUtf16[0]))) return take_other(context, label, made);
    made.kind = Kind::utf16le;
    return true;
}

// False, with an exception, when looking for the option threw.
bool take_option(JSContext* context, JSValueConst options, const char* name, bool& option) {
    if (JS_IsUndefined(options) || JS_IsNull(options)) return true;
    if (!JS_IsObject(options)) {
        JS_ThrowTypeError(context, "the options of a TextDecoder are an object, not %s", kind_of(context, options));
        return false;
    }
    const Value value(context, JS_GetPropertyStr(context, options, name));
    if (value.failed()) return false;
    option = JS_ToBool(context, value.get()) > 0;
    return true;
}

JSValue construct_decoder(JSContext* context, JSValueConst new_target, int count, JSValueConst* arguments) {
    Decoder made{.kind = Kind::utf8,
                 .fatal = false,
                 .ignore_bom = false,
                 .started = false,
                 .pending_size = 0,
                 .pending = {},
                 .name = JS_UNDEFINED,
                 .decode = JS_UNDEFINED};
    Value name(context);
    const JSValueConst options = count > 1 ? arguments[1] : JS_UNDEFINED;
    if ((count > 0 && !JS_IsUndefined(arguments[0]) && !take_label(context, arguments[0], made)) ||
        !take_option(context, options, "fatal", made.fatal) ||
        !take_option(context, options, "ignoreBOM", made.ignore_bom)) {
        JS_FreeValue(context, made.name);
        return JS_EXCEPTION;
    }
    name.reset(made.name);
    Value object(context, new_instance(context, new_target, decoder_class));
    if (object.failed()) return JS_EXCEPTION;
    auto* const decoder = static_cast<Decoder*>(js_malloc(context, sizeof(Decoder)));
    if (!decoder) return JS_EXCEPTION;
    *decoder = made;
    decoder->name = name.release();
    JS_SetOpaque(object.get(), decoder);
    return object.release();
}

Decoder* decoder_of(JSContext* context, JSValueConst self) {
    return static_cast<Decoder*>(JS_GetOpaque2(context, self, decoder_class));
}

JSValue throw_fault(JSContext* context, const Decoder& decoder) {
    if (decoder.kind != Kind::other) {
        return JS_ThrowTypeError(context, "the data is no %s", decoder.kind == Kind::utf8 ? "UTF-8" : "UTF-16");
    }
    const Text name(context, decoder.name);
    return JS_ThrowTypeError(context, "the data is no text in %s", name.valid() ? name.bytes().data : "that encoding");
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
    for (size_t i = 0; decoder.kind == Kind::utf16be && i < count; ++i) units[i] = __builtin_bswap16(units[i]);
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
    const char* const mark = decoder.kind == Kind::utf8      ? "\xef\xbb\xbf"
                             : decoder.kind == Kind::utf16le ? "\xff\xfe"
                                                             : "\xfe\xff";
    const size_t size = strlen(mark);
    return data.size >= size && memcmp(data.data, mark, size) == 0 ? size : 0;
}

JSValue decode_bytes(JSContext* context, Decoder& decoder, Bytes data, bool more_comes) {
    const size_t mark = mark_size(decoder, data);
    data = {data.data + mark, data.size - mark};
    size_t keep = 0;
    const JSValue text = decoder.kind == Kind::utf8 ? decode_utf8(context, decoder, data, more_comes, keep)
                                                    : decode_utf16(context, decoder, data, more_comes, keep);
    const bool goes_on = more_comes && !JS_IsException(text);
    decoder.started = goes_on && (decoder.started || mark + data.size > keep);
    decoder.pending_size = goes_on ? static_cast<uint8_t>(keep) : 0;
    if (goes_on) memcpy(decoder.pending, data.data + data.size - keep, keep);
    return text;
}

// By the library, in its realm, with bytes of its own.
JSValue decode_other(JSContext* context, Decoder& decoder, Bytes data, bool more_comes) {
    if (JS_IsUndefined(decoder.decode)) {
        const Value encodings(context, library(context, Script::encodings));
        if (encodings.failed()) return JS_EXCEPTION;
        const Value make(context, JS_GetPropertyStr(context, encodings.get(), "decoder"));
        JSValue options[] = {decoder.name, JS_NewBool(context, decoder.fatal)};
        const JSValue made = JS_Call(context, make.get(), JS_UNDEFINED, 2, options);
        if (JS_IsException(made)) return JS_EXCEPTION;
        decoder.decode = made;
    }
    JSContext* const realm = package_realm(context);
    const Value bytes(context, JS_NewUint8ArrayCopy(realm, reinterpret_cast<const uint8_t*>(data.data), data.size));
    if (bytes.failed()) return JS_EXCEPTION;
    JSValue arguments[] = {bytes.get(), JS_NewBool(context, more_comes)};
    Value text(context, JS_Call(context, decoder.decode, JS_UNDEFINED, 2, arguments));
    if (!more_comes || !JS_IsString(text.get())) {
        JS_FreeValue(context, decoder.decode);  // the next text begins anew
        decoder.decode = JS_UNDEFINED;
    }
    return JS_IsUndefined(text.get()) ? throw_fault(context, decoder) : text.release();
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
        if (!take_bytes(context, value, false, bytes, size)) return JS_EXCEPTION;
    } else if (!JS_IsUndefined(value)) {
        return JS_ThrowTypeError(context, "decode takes a typed array, a DataView or an ArrayBuffer, not %s",
                                 kind_of(context, value));
    }
    const Bytes data{reinterpret_cast<const char*>(bytes), size};
    if (decoder->kind == Kind::other) return decode_other(context, *decoder, data, more_comes);
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
    if (!decoder) return JS_EXCEPTION;
    switch (decoder->kind) {
        case Kind::utf8: return JS_NewString(context, "utf-8");
        case Kind::utf16le: return JS_NewString(context, "utf-16le");
        case Kind::utf16be: return JS_NewString(context, "utf-16be");
        case Kind::other: break;
    }
    return JS_DupValue(context, decoder->name);
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
    JS_CGETSET_DEF2("encoding", decoder_encoding, nullptr, JS_PROP_CONFIGURABLE | JS_PROP_ENUMERABLE),
    JS_CGETSET_DEF2("fatal", decoder_fatal, nullptr, JS_PROP_CONFIGURABLE | JS_PROP_ENUMERABLE),
    JS_CGETSET_DEF2("ignoreBOM", decoder_ignore_bom, nullptr, JS_PROP_CONFIGURABLE | JS_PROP_ENUMERABLE),
    JS_CFUNC_DEF2("decode", 0, decode_data, JS_PROP_C_W_E),
    JS_PROP_STRING_DEF("[Symbol.toStringTag]", "TextDecoder", JS_PROP_CONFIGURABLE),
};

}  // namespace

bool install_text_decoder(JSContext* context, JSValueConst global) {
    return JS_DefinePropertyValueStr(context, global, "TextDecoder",
                                     make_class(context, decoder_class,
                                                {.name = "TextDecoder",
                                                 .finalizer = finalize_decoder,
                                                 .constructor = construct_decoder,
                                                 .parameters = 0,
                                                 .members = kDecoderMembers,
                                                 .member_count = sizeof(kDecoderMembers) / sizeof(kDecoderMembers[0])}),
                                     JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) >= 0;
}

}  // namespace curfew::guest
