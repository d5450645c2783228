// Dates, numbers of any size, bytes, patterns and errors: what tags of CBOR stand for.
#include <math.h>
#include <string.h>

#include "guest/quickjs/date_text.h"
#include "guest/quickjs/half_float.h"
#include "guest/quickjs/value.h"
#include "guest/quickjs/value_decoder.h"
#include "wire/cbor.h"

namespace curfew::guest {

namespace cbor = wire::cbor;

namespace {

constexpr int kAsInErrors = JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE;

}  // namespace

JSValue ValueDecoder::date(uint64_t tag, const Head& head) {
    if (tag == cbor::kDateText) {
        const Bytes written = head.major == cbor::kText ? string(head) : Bytes{};
        double milliseconds = 0;
        if (!written.data || !read_date(written, milliseconds)) {
            return JS_ThrowTypeError(context_, "a date is not written as RFC 3339 has it");
        }
        return JS_NewDate(context_, milliseconds);
    }
    double seconds = static_cast<double>(head.number);
    if (head.major == cbor::kNegative) seconds = -1 - seconds;
    if (head.major == cbor::kSimple) seconds = float_of(head.low, head.number);
    return JS_NewDate(context_, round(seconds * 1000));
}

JSValue ValueDecoder::bigint(const Head& head, bool negative) {
    const Bytes digits = string(head);
    if (!digits.data) return JS_EXCEPTION;
    return engine_new_bigint(context_, reinterpret_cast<const uint8_t*>(digits.data), digits.size, negative);
}

JSValue ValueDecoder::view(uint64_t tag, const Head& head) {
    // By the tag less 64: which view, and 1, 2, 4 or 8 bytes; the big-endian ones are those without 4 in their number.
    static constexpr uint8_t kKinds[] = {
        ENGINE_VIEW_UINT8,         ENGINE_VIEW_UINT16,  ENGINE_VIEW_UINT32,  ENGINE_VIEW_BIGUINT64,
        ENGINE_VIEW_UINT8_CLAMPED, ENGINE_VIEW_UINT16,  ENGINE_VIEW_UINT32,  ENGINE_VIEW_BIGUINT64,
        ENGINE_VIEW_INT8,          ENGINE_VIEW_INT16,   ENGINE_VIEW_INT32,   ENGINE_VIEW_BIGINT64,
        ENGINE_VIEW_INT8,          ENGINE_VIEW_INT16,   ENGINE_VIEW_INT32,   ENGINE_VIEW_BIGINT64,
        ENGINE_VIEW_FLOAT16,       ENGINE_VIEW_FLOAT32, ENGINE_VIEW_FLOAT64, ENGINE_VIEW_FLOAT64,
        ENGINE_VIEW_FLOAT16,       ENGINE_VIEW_FLOAT32, ENGINE_VIEW_FLOAT64, ENGINE_VIEW_FLOAT64,
    };
    const uint64_t kind = tag - cbor::kTypedArrays;
    const size_t size = size_t{1} << (kind < 16 ? kind & 3 : (kind & 3) + 1);
    const Bytes found = string(head);
    if (!found.data) return JS_EXCEPTION;
    if (found.size % size != 0) return refuse();
    const Value buffer(context_,
                       JS_NewArrayBufferCopy(context_, reinterpret_cast<const uint8_t*>(found.data), found.size));
    if (buffer.failed()) return JS_EXCEPTION;
    if ((kind & 4) == 0 && size > 1) {
        uint8_t* bytes = nullptr;
        size_t length = 0;
        if (!engine_bytes_of(context_, buffer.get(), false, &bytes, &length)) return JS_EXCEPTION;
        for (size_t i = 0; i < length; i += size) {
            for (size_t k = 0; k < size / 2; ++k) {
                const uint8_t other = bytes[i + k];
                bytes[i + k] = bytes[i + size - 1 - k];
                bytes[i + size - 1 - k] = other;
            }
        }
    }
    return engine_new_view(context_, kKinds[kind], buffer.get());
}

JSValue ValueDecoder::regexp(const Head& head) {
    if (head.major != cbor::kArray || head.low == cbor::kIndefinite || head.number < 1 || head.number > 2)
        return refuse();
    const Value source(context_, item());
    const Value flags(context_, head.number == 2 ? item() : JS_UNDEFINED);
    if (source.failed() || flags.failed()) return JS_EXCEPTION;
    if (!JS_IsString(source.get()) || (head.number == 2 && !JS_IsString(flags.get()))) return refuse();
    return engine_new_regexp(context_, source.get(), flags.get());
}

JSValue ValueDecoder::of_class(int64_t mark) {
    Head list{};
    Head name{};
    if (!head(list) || list.major != cbor::kArray || list.number != 2 || !head(name) || name.major != cbor::kText) {
        return refuse();
    }
    const Bytes written = string(name);
    if (!written.data) return JS_EXCEPTION;
    const bool is_view = equals(written, "DataView");
    if (!is_view && !equals(written, "ArrayBuffer")) return exception(written, mark);
    Head content{};
    const Bytes found = head(content) && content.major == cbor::kBytes ? string(content) : Bytes{};
    if (!found.data) return refuse();
    Value buffer(context_, JS_NewArrayBufferCopy(context_, reinterpret_cast<const uint8_t*>(found.data), found.size));
    if (buffer.failed() || !is_view) return buffer.release();
    return engine_new_view(context_, ENGINE_VIEW_DATA, buffer.get());
}

JSValue ValueDecoder::exception(Bytes name, int64_t mark) {
    char known[32] = "";
    if (name.size < sizeof(known)) memcpy(known, name.data, name.size);
    const Value text(context_, JS_NewStringLen(context_, name.data, name.size));
    Value error(context_, engine_new_error(context_, known));
    if (text.failed() || !set_mark(mark, error.get())) return JS_EXCEPTION;
    // One of another class has its name for itself.
    const Value inherited(context_, JS_GetPropertyStr(context_, error.get(), "name"));
    if (inherited.failed() || (!JS_IsStrictEqual(context_, inherited.get(), text.get()) &&
                               JS_DefinePropertyValueStr(context_, error.get(), "name",
                                                         JS_DupValue(context_, text.get()), kAsInErrors) < 0)) {
        return JS_EXCEPTION;
    }
    Head fields{};
    if (!head(fields) || fields.major != cbor::kMap) return refuse();
    for (uint64_t i = 0; has_more(fields, i); ++i) {
        Head key{};
        if (!head(key) || key.major != cbor::kText) return refuse();
        const Bytes field = string(key);
        if (!field.data) return JS_EXCEPTION;
        const JSValue value = item();
        if (JS_IsException(value) || !exception_field(error.get(), field, value)) return JS_EXCEPTION;
    }
    return error.release();
}

bool ValueDecoder::exception_field(JSValueConst error, Bytes name, JSValue value) {
    const bool is_own =
        equals(name, "message") || equals(name, "stack") || equals(name, "cause") || equals(name, "errors");
    const JSAtom atom = JS_NewAtomLen(context_, name.data, name.size);
    if (atom == JS_ATOM_NULL) {
        JS_FreeValue(context_, value);
        return false;
    }
    const int done = JS_DefinePropertyValue(context_, error, atom, value, is_own ? kAsInErrors : JS_PROP_C_W_E);
    JS_FreeAtom(context_, atom);
    return done >= 0;
}

}  // namespace curfew::guest
