#include "guest/quickjs/built_in_modules.h"

#include <string.h>

#include "guest/quickjs/console.h"
#include "guest/quickjs/globals.h"
#include "guest/quickjs/library.h"
#include "guest/quickjs/value.h"

namespace curfew::guest {

namespace {

// What a module exports: properties of one object, which is its default export.
struct NativeModule {
    const char* name;
    JSValue (*object)(JSContext*);
    const char* const* exports;
    int export_count;
};

// One that a script of the library makes: what that exports, or the property `member` of it, and all of its own enumerable properties by name.
struct LibraryModule {
    const char* name;
    Script script;
    const char* member = nullptr;
};

constexpr const char* kConsole[] = {
    "log",   "info",           "warn",     "error", "debug",      "dir",  "dirxml",  "trace",   "assert", "table",
    "group", "groupCollapsed", "groupEnd", "count", "countReset", "time", "timeLog", "timeEnd", "clear"};
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

constexpr NativeModule kNative[] = {
    {"console", make_frozen_console, kConsole, 19},
    {"io", make_io, kIo, 2},
};

constexpr LibraryModule kLibrary[] = {
    {"assert", Script::node_assert},
    {"assert/strict", Script::node_assert, "strict"},
    {"async_hooks", Script::node_async, "async_hooks"},
    {"buffer", Script::node_buffer},
    {"child_process", Script::node_system, "child_process"},
    {"crypto", Script::node_crypto},
    {"diagnostics_channel", Script::node_async, "diagnostics_channel"},
    {"dns", Script::node_system, "dns"},
    {"events", Script::node_events},
    {"fs", Script::node_system, "fs"},
    {"fs/promises", Script::node_system, "fs/promises"},
    {"http", Script::node_http},
    {"http2", Script::node_system, "http2"},
    {"https", Script::node_system, "https"},
    {"module", Script::node_system, "module"},
    {"net", Script::node_system, "net"},
    {"os", Script::node_system, "os"},
    {"path", Script::node_path},
    {"path/posix", Script::node_path},
    {"perf_hooks", Script::node_system, "perf_hooks"},
    {"process", Script::process, "process"},
    {"punycode", Script::node_url, "punycode"},
    {"querystring", Script::node_querystring},
    {"readline", Script::node_system, "readline"},
    {"stream", Script::node_stream},
    {"stream/consumers", Script::node_stream, "consumers"},
    {"stream/promises", Script::node_stream, "promises"},
    {"stream/web", Script::node_stream, "web"},
    {"string_decoder", Script::node_string_decoder},
    {"timers", Script::node_system, "timers"},
    {"timers/promises", Script::node_system, "timers/promises"},
    {"tls", Script::node_system, "tls"},
    {"tty", Script::node_system, "tty"},
    {"url", Script::node_url},
    {"util", Script::node_util},
    {"util/types", Script::node_util, "types"},
    {"v8", Script::node_system, "v8"},
    {"vm", Script::node_system, "vm"},
    {"worker_threads", Script::node_system, "worker_threads"},
    {"zlib", Script::node_system, "zlib"},
};

template <typename Module, size_t count>
const Module* find(const Module (&modules)[count], Bytes name) {
    for (const Module& module : modules) {
        if (equals(name, module.name)) return &module;
    }
    return nullptr;
}

JSValue object_of(JSContext* context, Bytes name) {
    if (const NativeModule* const module = find(kNative, name)) return module->object(context);
    const LibraryModule& module = *find(kLibrary, name);
    Value exports(context, library(context, module.script));
    if (exports.failed() || !module.member) return exports.release();
    if (module.script == Script::node_system) exports.reset(JS_GetPropertyStr(context, exports.get(), "modules"));
    return exports.failed() ? JS_EXCEPTION : JS_GetPropertyStr(context, exports.get(), module.member);
}

// Calls use(name) for each export but the default one. False, with an exception, if that fails.
template <typename Use>
bool for_each_export(JSContext* context, Bytes name, JSValueConst object, Use use) {
    if (const NativeModule* const module = find(kNative, name)) {
        for (int i = 0; i < module->export_count; ++i) {
            if (!use(module->exports[i])) return false;
        }
        return true;
    }
    JSPropertyEnum* names = nullptr;
    uint32_t count = 0;
    if (JS_GetOwnPropertyNames(context, &names, &count, object, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) < 0)
        return false;
    bool good = true;
    for (uint32_t i = 0; good && i < count; ++i) {
        const char* const key = JS_AtomToCString(context, names[i].atom);
        good = key && (strcmp(key, "default") == 0 || use(key));
        JS_FreeCString(context, key);
    }
    JS_FreePropertyEnum(context, names, count);
    return good;
}

int initialize(JSContext* context, JSModuleDef* definition) {
    const JSAtom atom = JS_GetModuleName(context, definition);
    const Value name(context, JS_AtomToString(context, atom));
    JS_FreeAtom(context, atom);
    const Text text(context, name.get());
    if (!text.valid()) return -1;
    const Value object(context, JS_GetModulePrivateValue(context, definition));
    const bool done = for_each_export(context, text.bytes(), object.get(), [&](const char* key) {
        const JSValue value = JS_GetPropertyStr(context, object.get(), key);
        return !JS_IsException(value) && JS_SetModuleExport(context, definition, key, value) >= 0;
    });
    if (!done) return -1;
    return JS_SetModuleExport(context, definition, "default", JS_DupValue(context, object.get()));
}

}  // namespace

bool is_built_in_module(Bytes name) { return find(kNative, name) || find(kLibrary, name); }

JSModuleDef* make_built_in_module(JSContext* context, Bytes name) {
    const Value object(context, object_of(context, name));
    if (object.failed()) return nullptr;
    JSModuleDef* const definition = JS_NewCModule(context, name.data, initialize);
    if (!definition) return nullptr;
    JS_SetModulePrivateValue(context, definition, JS_DupValue(context, object.get()));
    const bool done = for_each_export(context, name, object.get(), [&](const char* key) {
        return JS_AddModuleExport(context, definition, key) >= 0;
    });
    return done && JS_AddModuleExport(context, definition, "default") >= 0 ? definition : nullptr;
}

JSValue built_in_module_names(JSContext* context) {
    Value names(context, JS_NewArray(context));
    uint32_t count = 0;
    if (names.failed()) return JS_EXCEPTION;
    for (const LibraryModule& module : kLibrary) {
        if (JS_DefinePropertyValueUint32(context, names.get(), count++, JS_NewString(context, module.name),
                                         JS_PROP_C_W_E) < 0) {
            return JS_EXCEPTION;
        }
    }
    return names.release();
}

}  // namespace curfew::guest
