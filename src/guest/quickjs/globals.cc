#include "guest/quickjs/globals.h"

#include "guest/quickjs/console.h"
#include "guest/quickjs/crypto.h"
#include "guest/quickjs/encodings.h"
#include "guest/quickjs/library.h"
#include "guest/quickjs/node_support.h"
#include "guest/quickjs/performance.h"
#include "guest/quickjs/structured_clone.h"
#include "guest/quickjs/text_decoder.h"
#include "guest/quickjs/text_encoder.h"
#include "guest/quickjs/timers.h"
#include "guest/quickjs/value.h"

namespace curfew::guest {

Random random_state;

namespace {

JSValue math_random(JSContext* context, JSValueConst, int, JSValueConst*) {
    return JS_NewFloat64(context, random_state.next_fraction());
}

JSValue crypto;

// Take over the value.
bool define(JSContext* context, JSValueConst object, const char* name, JSValue value) {
    return JS_DefinePropertyValueStr(context, object, name, value, JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) >= 0;
}

bool define_shown(JSContext* context, JSValueConst object, const char* name, JSValue value) {
    return JS_DefinePropertyValueStr(context, object, name, value, JS_PROP_C_W_E) >= 0;
}

bool define_case(JSContext* context, JSValueConst prototype, const char* name, int to_lower) {
    return define(context, prototype, name,
                  JS_NewCFunctionMagic(context, engine_change_case, name, 0, JS_CFUNC_generic_magic, to_lower));
}

// The web's global functions are enumerable; those of the engine are not, as it makes them.
bool show(JSContext* context, JSValueConst global, const char* name) {
    const JSAtom atom = JS_NewAtom(context, name);
    const int done = JS_DefineProperty(context, global, atom, JS_UNDEFINED, JS_UNDEFINED, JS_UNDEFINED,
                                       JS_PROP_HAS_ENUMERABLE | JS_PROP_ENUMERABLE);
    JS_FreeAtom(context, atom);
    return done >= 0;
}

}  // namespace

bool install_globals(JSContext* context) {
    const Value owned(context, JS_GetGlobalObject(context));
    const JSValueConst global = owned.get();
    const Value math(context, JS_GetPropertyStr(context, global, "Math"));
    const Value string(context, JS_GetPropertyStr(context, global, "String"));
    const Value texts(context, JS_GetPropertyStr(context, string.get(), "prototype"));
    crypto = make_crypto(context);
    return install_console(context, global) && define_shown(context, global, "crypto", built_in_crypto(context)) &&
           define_shown(context, global, "structuredClone",
                        JS_NewCFunction(context, structured_clone, "structuredClone", 1)) &&
           define_case(context, texts.get(), "toLocaleLowerCase", 1) &&
           define_case(context, texts.get(), "toLocaleUpperCase", 0) && show(context, global, "atob") &&
           show(context, global, "btoa") && show(context, global, "queueMicrotask") &&
           define(context, math.get(), "random", JS_NewCFunction(context, math_random, "random", 0)) &&
           install_performance(context, global) && install_timers(context, global) &&
           install_text_encoder(context, global) && install_text_decoder(context, global) &&
           install_bytes_from(context, global) && install_library(context, global) &&
           install_node_globals(context, global);
}

JSValue built_in_crypto(JSContext* context) { return JS_DupValue(context, crypto); }

}  // namespace curfew::guest
