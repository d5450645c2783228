#include "guest/quickjs/node_support.h"

#include <string.h>

#include "guest/quickjs/built_in_modules.h"
#include "guest/quickjs/commonjs.h"
#include "guest/quickjs/inspect.h"
#include "guest/quickjs/inspector.h"
#include "guest/quickjs/modules.h"
#include "guest/quickjs/value.h"
#include "guest/quickjs/writer.h"

namespace curfew::guest {

namespace {

JSValue run_queued(JSContext* context, int count, JSValueConst* arguments) {
    return JS_Call(context, arguments[0], JS_UNDEFINED, count - 1, arguments + 1);
}

// queueJob(function, ...arguments)
JSValue queue_job(JSContext* context, JSValueConst, int count, JSValueConst* arguments) {
    return JS_EnqueueJob(context, run_queued, count, arguments) < 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

JSValue text_of_writer(JSContext* context, Writer& out) {
    return JS_NewStringLen(context, out.text().data, out.text().size);
}

// inspect(value): as the console shows it inside of something else.
JSValue inspect(JSContext* context, JSValueConst, int, JSValueConst* arguments) {
    Writer out;
    if (is_error(arguments[0])) {
        write_loose(context, out, arguments[0]);
    } else {
        Inspector(context, out).write(arguments[0]);
    }
    return text_of_writer(context, out);
}

// formatArguments(...arguments): the line that the console makes of them.
JSValue format_arguments(JSContext* context, JSValueConst, int count, JSValueConst* arguments) {
    Writer out;
    write_arguments(context, out, count, arguments);
    return text_of_writer(context, out);
}

const char* name_of_kind(JSValueConst value) {
    if (!JS_IsObject(value)) return "";
    if (JS_IsProxy(value)) return "proxy";
    if (JS_IsPromise(value)) return "promise";
    if (JS_IsWeakMap(value)) return "weak map";
    if (JS_IsWeakSet(value)) return "weak set";
    switch (engine_kind_of(value)) {
        case ENGINE_BOXED: return "boxed";
        case ENGINE_DATE: return "date";
        case ENGINE_REGEXP: return "regexp";
        case ENGINE_ERROR: return "error";
        case ENGINE_MAP: return "map";
        case ENGINE_SET: return "set";
        case ENGINE_ARRAY_BUFFER: return "array buffer";
        case ENGINE_SHARED_BUFFER: return "shared buffer";
        case ENGINE_TYPED_ARRAY: return "typed array";
        case ENGINE_DATA_VIEW: return "data view";
        default: return "object";
    }
}

// kindOf(value): what an object is, whatever its prototype says; an empty text for what is none.
JSValue kind_of_object(JSContext* context, JSValueConst, int, JSValueConst* arguments) {
    return JS_NewString(context, name_of_kind(arguments[0]));
}

// unboxed(value): what is in a Number, a String and the like. REQUIRES: kindOf says that it is boxed.
JSValue unboxed(JSContext* context, JSValueConst, int, JSValueConst* arguments) {
    return engine_unboxed(context, arguments[0]);
}

// requireFor(path): the `require` of the module that lies there.
JSValue require_for(JSContext* context, JSValueConst, int, JSValueConst* arguments) {
    const Text path(context, arguments[0]);
    return path.valid() ? make_require_for(context, path.bytes().data) : JS_EXCEPTION;
}

// builtInModules(): their names.
JSValue built_in_modules(JSContext* context, JSValueConst, int, JSValueConst*) {
    return built_in_module_names(context);
}

constexpr JSCFunctionListEntry kForNode[] = {
    JS_CFUNC_DEF("queueJob", 1, queue_job),
    JS_CFUNC_DEF("inspect", 1, inspect),
    JS_CFUNC_DEF("formatArguments", 0, format_arguments),
    JS_CFUNC_DEF("kindOf", 1, kind_of_object),
    JS_CFUNC_DEF("unboxed", 1, unboxed),
    JS_CFUNC_DEF("requireFor", 1, require_for),
    JS_CFUNC_DEF("builtInModules", 0, built_in_modules),
};

JSValue is_eval(JSContext* context, JSValueConst self, int, JSValueConst*) {
    const JSAtom key = JS_NewAtom(context, "getFileName");
    const Value name(context, JS_Invoke(context, self, key, 0, nullptr));
    JS_FreeAtom(context, key);
    if (name.failed()) return JS_EXCEPTION;
    if (!JS_IsString(name.get())) return JS_NewBool(context, false);
    const Text text(context, name.get());
    return text.valid() ? JS_NewBool(context, is_evaluated_text(text.bytes())) : JS_EXCEPTION;
}

// Of functions in strict mode V8 tells no more.
JSValue undefined_always(JSContext*, JSValueConst, int, JSValueConst*) { return JS_UNDEFINED; }
JSValue null_always(JSContext*, JSValueConst, int, JSValueConst*) { return JS_NULL; }

constexpr JSCFunctionListEntry kOfCallSites[] = {
    JS_CFUNC_DEF("isEval", 0, is_eval),
    JS_CFUNC_DEF("getEvalOrigin", 0, undefined_always),
    JS_CFUNC_DEF("getThis", 0, undefined_always),
    JS_CFUNC_DEF("getTypeName", 0, null_always),
    JS_CFUNC_DEF("getMethodName", 0, null_always),
};

}  // namespace

bool install_node_globals(JSContext* context, JSValueConst global) {
    const Value call_sites(context, engine_call_site_prototype(context));
    return JS_SetPropertyFunctionList(context, call_sites.get(), kOfCallSites,
                                      sizeof(kOfCallSites) / sizeof(kOfCallSites[0])) >= 0 &&
           JS_DefinePropertyValueStr(context, global, "global", JS_DupValue(context, global),
                                     JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) >= 0;
}

bool add_node_support(JSContext* context, JSValueConst support) {
    return JS_SetPropertyFunctionList(context, support, kForNode, sizeof(kForNode) / sizeof(kForNode[0])) >= 0;
}

}  // namespace curfew::guest
