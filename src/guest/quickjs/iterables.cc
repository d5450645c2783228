#include "guest/quickjs/iterables.h"

#include "guest/quickjs/inspect.h"
#include "guest/quickjs/value.h"

namespace curfew::guest {

JSValue array_of_iterable(JSContext* context, JSValueConst object, const char* what) {
    const Value symbol(context, engine_iterator_symbol(context));
    const JSAtom key = JS_ValueToAtom(context, symbol.get());
    const Value iterate(context, JS_IsObject(object) ? JS_GetProperty(context, object, key) : JS_UNDEFINED);
    JS_FreeAtom(context, key);
    if (iterate.failed()) return JS_EXCEPTION;
    if (!JS_IsFunction(context, iterate.get())) {
        return JS_ThrowTypeError(context, "%s is a list, or another iterable, not %s", what, kind_of(context, object));
    }
    const Value iterator(context, JS_Call(context, iterate.get(), object, 0, nullptr));
    if (iterator.failed()) return JS_EXCEPTION;
    const Value next(context, JS_GetPropertyStr(context, iterator.get(), "next"));
    Value array(context, JS_NewArray(context));
    if (next.failed() || array.failed()) return JS_EXCEPTION;
    for (uint32_t length = 0;; ++length) {
        const Value step(context, JS_Call(context, next.get(), iterator.get(), 0, nullptr));
        if (step.failed()) return JS_EXCEPTION;
        if (!JS_IsObject(step.get())) return JS_ThrowTypeError(context, "what an iterator gives is no object");
        const Value done(context, JS_GetPropertyStr(context, step.get(), "done"));
        if (done.failed()) return JS_EXCEPTION;
        if (JS_ToBool(context, done.get()) > 0) return array.release();
        const JSValue item = JS_GetPropertyStr(context, step.get(), "value");
        if (JS_IsException(item) ||
            JS_DefinePropertyValueUint32(context, array.get(), length, item, JS_PROP_C_W_E) < 0) {
            return JS_EXCEPTION;
        }
    }
}

}  // namespace curfew::guest
