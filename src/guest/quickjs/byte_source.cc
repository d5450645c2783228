#include "guest/quickjs/byte_source.h"

#include "guest/quickjs/inspect.h"
#include "guest/quickjs/utf8.h"
#include "guest/quickjs/value.h"

namespace curfew::guest {

namespace {

// False for what is no number from 0 to 255.
bool byte_of(JSValueConst value, char& byte) {
    double number = -1;
    if (JS_VALUE_GET_TAG(value) == JS_TAG_INT) number = JS_VALUE_GET_INT(value);
    if (JS_VALUE_GET_TAG(value) == JS_TAG_FLOAT64) number = JS_VALUE_GET_FLOAT64(value);
    if (!(number >= 0 && number <= 255) || number != __builtin_trunc(number)) return false;
    byte = static_cast<char>(number);
    return true;
}

}  // namespace

bool has_bytes(JSValueConst value) {
    switch (engine_kind_of(value)) {
        case ENGINE_ARRAY_BUFFER:
        case ENGINE_SHARED_BUFFER:
        case ENGINE_TYPED_ARRAY:
        case ENGINE_DATA_VIEW: return true;
        default: return false;
    }
}

bool take_bytes(JSContext* context, JSValueConst value, bool to_write, uint8_t*& bytes, size_t& size) {
    if (!engine_bytes_of(context, value, false, &bytes, &size)) {
        JS_FreeValue(context, JS_GetException(context));
        return true;
    }
    return !to_write || engine_bytes_of(context, value, true, &bytes, &size);
}

ByteSource::~ByteSource() {
    if (string_) JS_FreeCString(context_, string_);
    if (copy_) js_free(context_, copy_);
}

bool ByteSource::take(JSValueConst value, const char* what) {
    if (JS_IsString(value)) return take_string(value);
    if (has_bytes(value)) {
        uint8_t* data = nullptr;
        size_t size = 0;
        if (!engine_bytes_of(context_, value, false, &data, &size)) return false;
        bytes_ = {reinterpret_cast<const char*>(data), size};
        return true;
    }
    if (JS_IsArray(value)) return take_array(value, what);
    JS_ThrowTypeError(context_,
                      "%s must be a string, an array of bytes, a typed array, a DataView or an ArrayBuffer, not %s",
                      what, kind_of(context_, value));
    return false;
}

bool ByteSource::take_string(JSValueConst value) {
    size_t size = 0;
    string_ = JS_ToCStringLen(context_, &size, value);
    if (!string_) return false;
    // Only a text that the engine has just made can have what is replaced: its own texts of bytes are ASCII.
    replace_lone_surrogates(const_cast<char*>(string_), size);
    bytes_ = {string_, size};
    return true;
}

bool ByteSource::take_array(JSValueConst array, const char* what) {
    int64_t length = 0;
    if (JS_GetLength(context_, array, &length) < 0) return false;
    copy_ = static_cast<char*>(js_malloc(context_, static_cast<size_t>(length) + 1));
    if (!copy_) return false;
    for (int64_t i = 0; i < length; ++i) {
        const Value item(context_, JS_GetPropertyInt64(context_, array, i));
        if (item.failed()) return false;
        if (byte_of(item.get(), copy_[i])) continue;
        JS_ThrowTypeError(context_, "%s is an array, but its item %lld is no number from 0 to 255", what,
                          static_cast<long long>(i));
        return false;
    }
    bytes_ = {copy_, static_cast<size_t>(length)};
    return true;
}

}  // namespace curfew::guest
