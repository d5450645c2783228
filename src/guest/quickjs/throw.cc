#include "guest/quickjs/throw.h"

#include "guest/quickjs/value.h"

namespace curfew::guest {

JSValue throw_error(JSContext* context, ErrorKind kind, Bytes message) {
    switch (kind) {
        case ErrorKind::plain: JS_ThrowPlainError(context, "%s", ""); break;
        case ErrorKind::type: JS_ThrowTypeError(context, "%s", ""); break;
        case ErrorKind::syntax: JS_ThrowSyntaxError(context, "%s", ""); break;
        case ErrorKind::reference: JS_ThrowReferenceError(context, "%s", ""); break;
    }
    Value error(context, JS_GetException(context));
    if (JS_IsError(error.get())) {
        const JSValue text = JS_NewStringLen(context, message.data, message.size);
        constexpr int kAsInErrors = JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE;
        if (JS_IsException(text) || JS_DefinePropertyValueStr(context, error.get(), "message", text, kAsInErrors) < 0) {
            return JS_EXCEPTION;  // memory has run out: that is the exception
        }
    }
    return JS_Throw(context, error.release());
}

}  // namespace curfew::guest
