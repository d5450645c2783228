#include "guest/quickjs/built_in_modules.h"

#include "guest/quickjs/console.h"
#include "guest/quickjs/globals.h"
#include "guest/quickjs/value.h"

namespace curfew::guest {

namespace {

// What a module exports: properties of one object, which is its default export.
struct BuiltInModule {
    const char* name;
    JSValue (*object)(JSContext*);
    const char* const* exports;
    int export_count;
};

constexpr const char* kConsole[] = {
    "log",   "info",           "warn",     "error", "debug",      "dir",  "dirxml",  "trace",   "assert", "table",
    "group", "groupCollapsed", "groupEnd", "count", "countReset", "time", "timeLog", "timeEnd", "clear"};
constexpr const char* kCrypto[] = {"createHash", "createHmac",      "Hash",           "hash", "Hmac",
                                   "randomUUID", "getRandomValues", "timingSafeEqual"};
constexpr const char* kIo[] = {"print", "flush"};

// For compatibility: what is printed has reached the host when print returns.
JSValue flush(JSContext*, JSValueConst, int, JSValueConst*) { return JS_UNDEFINED; }

JSValue make_io(JSContext* context) {
    Value io(context, JS_NewObject(context));
    if (io.failed() || JS_DefinePropertyValueStr(context, io.get(), "print", make_print(context), JS_PROP_C_W_E) < 0 ||
        JS_DefinePropertyValueStr(context, io.get(), "flush", JS_NewCFunction(context, flush, "flush", 0),
                                  JS_PROP_C_W_E) < 0) {
        return JS_EXCEPTION;
    }
    if (JS_FreezeObject(context, io.get()) < 0) return JS_EXCEPTION;
    return io.release();
}

constexpr BuiltInModule kModules[] = {
    {"console", make_frozen_console, kConsole, 19},
    {"crypto", built_in_crypto, kCrypto, 8},
    {"io", make_io, kIo, 2},
};

const BuiltInModule* find(Bytes name) {
    for (const BuiltInModule& module : kModules) {
        if (equals(name, module.name)) return &module;
    }
    return nullptr;
}

int initialize(JSContext* context, JSModuleDef* definition) {
    const JSAtom atom = JS_GetModuleName(context, definition);
    const Value name(context, JS_AtomToString(context, atom));
    JS_FreeAtom(context, atom);
    const Text text(context, name.get());
    if (!text.valid()) return -1;
    const BuiltInModule& module = *find(text.bytes());
    const Value object(context, module.object(context));
    if (object.failed()) return -1;
    for (int i = 0; i < module.export_count; ++i) {
        const JSValue value = JS_GetPropertyStr(context, object.get(), module.exports[i]);
        if (JS_IsException(value) || JS_SetModuleExport(context, definition, module.exports[i], value) < 0) return -1;
    }
    return JS_SetModuleExport(context, definition, "default", JS_DupValue(context, object.get()));
}

}  // namespace

bool is_built_in_module(Bytes name) { return find(name) != nullptr; }

JSModuleDef* make_built_in_module(JSContext* context, Bytes name) {
    const BuiltInModule& module = *find(name);
    JSModuleDef* const definition = JS_NewCModule(context, module.name, initialize);
    if (!definition) return nullptr;
    for (int i = 0; i < module.export_count; ++i) {
        if (JS_AddModuleExport(context, definition, module.exports[i]) < 0) return nullptr;
    }
    return JS_AddModuleExport(context, definition, "default") < 0 ? nullptr : definition;
}

}  // namespace curfew::guest
