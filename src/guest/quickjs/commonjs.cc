#include "guest/quickjs/commonjs.h"

#include <string.h>

#include "guest/quickjs/inspector.h"
#include "guest/quickjs/library.h"
#include "guest/quickjs/require.h"
#include "guest/quickjs/value.h"

namespace curfew::guest {

namespace {

// On the text's first line, so that lines in stacks are the text's.
constexpr char kBefore[] = "(function (exports, require, module, __filename, __dirname) {";
constexpr char kBehind[] = "\n})";
constexpr char kModuleExports[] = "module.exports";

// The records, by name: objects with `module`, `body` and `names`.
JSValue records;
JSValue cache;  // require.cache: the modules, by name

bool prepare(JSContext* context) {
    if (!JS_IsObject(records)) records = JS_NewObjectProto(context, JS_NULL);
    if (!JS_IsObject(cache)) cache = JS_NewObjectProto(context, JS_NULL);
    return JS_IsObject(records) && JS_IsObject(cache);
}

bool define(JSContext* context, JSValueConst object, const char* name, JSValue value) {
    return !JS_IsException(value) && JS_DefinePropertyValueStr(context, object, name, value, JS_PROP_C_W_E) >= 0;
}

Bytes folder_of(Bytes path) {
    while (path.size > 1 && path.data[path.size - 1] != '/') --path.size;
    return {path.data, path.size > 1 ? path.size - 1 : path.size};
}

// The function that the text is the body of.
JSValue compile(JSContext* context, const char* name, Bytes source) {
    constexpr size_t before = sizeof(kBefore) - 1;
    const size_t size = before + source.size + sizeof(kBehind) - 1;
    auto* const text = static_cast<char*>(js_malloc(context, size + 1));
    if (!text) return JS_EXCEPTION;
    memcpy(text, kBefore, before);
    memcpy(text + before, source.data, source.size);
    memcpy(text + before + source.size, kBehind, sizeof(kBehind));
    if (source.size > 1 && source.data[0] == '#' && source.data[1] == '!') text[before] = text[before + 1] = '/';
    Value function(context, JS_Eval(context, text, size, name, JS_EVAL_TYPE_GLOBAL));
    js_free(context, text);
    if (!function.failed() && !JS_IsFunction(context, function.get())) {
        return JS_ThrowSyntaxError(context, "%s is no module", name);
    }
    return function.release();
}

JSValue make_module_object(JSContext* context, const char* name) {
    const Bytes folder = folder_of(bytes_of(name));
    Value module(context, JS_NewObject(context));
    if (module.failed() || !define(context, module.get(), "id", JS_NewString(context, name)) ||
        !define(context, module.get(), "path", JS_NewStringLen(context, folder.data, folder.size)) ||
        !define(context, module.get(), "exports", JS_NewObject(context)) ||
        !define(context, module.get(), "filename", JS_NewString(context, name)) ||
        !define(context, module.get(), "loaded", JS_NewBool(context, false)) ||
        !define(context, module.get(), "children", JS_NewArray(context)) ||
        !define(context, module.get(), "paths", JS_NewArray(context)) ||
        !define(context, module.get(), "require", make_require_for(context, name))) {
        return JS_EXCEPTION;
    }
    return module.release();
}

JSValue record_of(JSContext* context, const char* name) {
    return JS_IsObject(records) ? JS_GetPropertyStr(context, records, name) : JS_UNDEFINED;
}

// What the library's look at the text finds: an object with `names` and `reexports`.
JSValue promised(JSContext* context, Bytes source) {
    const Value exports(context, library(context, Script::cjs_names));
    if (exports.failed()) return JS_EXCEPTION;
    const Value parse(context, JS_GetPropertyStr(context, exports.get(), "parse"));
    const Value text(context, JS_NewStringLen(context, source.data, source.size));
    if (text.failed()) return JS_EXCEPTION;
    JSValue argument = text.get();
    return JS_Call(context, parse.get(), JS_UNDEFINED, 1, &argument);
}

// Adds the names in a list to a set of names, which is an object.
bool add_names(JSContext* context, JSValueConst set, JSValueConst list) {
    int64_t length = 0;
    if (!JS_IsObject(list)) return true;
    if (JS_GetLength(context, list, &length) < 0) return false;
    for (int64_t i = 0; i < length; ++i) {
        const Value name(context, JS_GetPropertyInt64(context, list, i));
        const Text text(context, name.get());
        if (!text.valid() || !define(context, set, text.bytes().data, JS_NewBool(context, true))) return false;
    }
    return true;
}

// The names that a module promises, those that it takes over from others included.
bool collect_names(JSContext* context, const char* name, Bytes source, JSValueConst set, int depth) {
    constexpr int kMostReexports = 16;
    const Value found(context, promised(context, source));
    if (found.failed()) return false;
    const Value names(context, JS_GetPropertyStr(context, found.get(), "names"));
    const Value reexports(context, JS_GetPropertyStr(context, found.get(), "reexports"));
    int64_t length = 0;
    if (!add_names(context, set, names.get()) || JS_GetLength(context, reexports.get(), &length) < 0) return false;
    for (int64_t i = 0; i < length && depth < kMostReexports; ++i) {
        const Value specifier(context, JS_GetPropertyInt64(context, reexports.get(), i));
        const Text text(context, specifier.get());
        Value path(context);
        Body other;
        if (!text.valid() || !read_required(context, name, text.bytes().data, path, other)) {
            drop_exception(context);  // it may never be asked for
            continue;
        }
        const Text other_name(context, path.get());
        if (!collect_names(context, other_name.bytes().data, other.payload(), set, depth + 1)) return false;
    }
    return true;
}

// Runs when the ES module is evaluated.
int set_exports(JSContext* context, JSModuleDef* module) {
    const Value names(context, JS_GetModulePrivateValue(context, module));
    const JSAtom atom = JS_GetModuleName(context, module);
    const Value name(context, JS_AtomToString(context, atom));
    JS_FreeAtom(context, atom);
    const Text text(context, name.get());
    if (!text.valid()) return -1;
    const Value exports(context, run_common_js(context, text.bytes().data));
    if (exports.failed()) return -1;
    JSPropertyEnum* promised_names = nullptr;
    uint32_t count = 0;
    if (JS_GetOwnPropertyNames(context, &promised_names, &count, names.get(), JS_GPN_STRING_MASK) < 0) return -1;
    int result = 0;
    for (uint32_t i = 0; result == 0 && i < count; ++i) {
        const char* const key = JS_AtomToCString(context, promised_names[i].atom);
        JSValue value = JS_UNDEFINED;
        if (key && (strcmp(key, "default") == 0 || strcmp(key, kModuleExports) == 0)) {
            value = JS_DupValue(context, exports.get());
        } else if (JS_IsObject(exports.get())) {
            value = JS_GetProperty(context, exports.get(), promised_names[i].atom);
            if (JS_IsException(value)) {  // a getter that throws is no reason not to have the module
                drop_exception(context);
                value = JS_UNDEFINED;
            }
        }
        result = key ? JS_SetModuleExport(context, module, key, value) : -1;
        JS_FreeCString(context, key);
    }
    JS_FreePropertyEnum(context, promised_names, count);
    return result;
}

}  // namespace

bool add_common_js(JSContext* context, const char* name, Bytes source) {
    if (!prepare(context)) return false;
    Value body(context, compile(context, name, source));
    Value record(context, body.failed() ? JS_EXCEPTION : JS_NewObjectProto(context, JS_NULL));
    Value module(context, record.failed() ? JS_EXCEPTION : make_module_object(context, name));
    return !module.failed() && define(context, record.get(), "body", body.release()) &&
           define(context, cache, name, JS_DupValue(context, module.get())) &&
           define(context, record.get(), "module", module.release()) &&
           define(context, records, name, record.release());
}

bool is_common_js(JSContext* context, const char* name) {
    const Value record(context, record_of(context, name));
    if (!JS_IsObject(record.get())) return false;
    const Value module(context, JS_GetPropertyStr(context, record.get(), "module"));
    const Value cached(context, JS_GetPropertyStr(context, cache, name));
    return JS_IsObject(cached.get()) && JS_VALUE_GET_PTR(cached.get()) == JS_VALUE_GET_PTR(module.get());
}

JSValue run_common_js(JSContext* context, const char* name) {
    const Value record(context, record_of(context, name));
    const Value module(context, JS_GetPropertyStr(context, record.get(), "module"));
    const Value body(context, JS_GetPropertyStr(context, record.get(), "body"));
    if (JS_IsFunction(context, body.get())) {
        const Bytes folder = folder_of(bytes_of(name));
        const Value exports(context, JS_GetPropertyStr(context, module.get(), "exports"));
        const Value require(context, JS_GetPropertyStr(context, module.get(), "require"));
        const Value file(context, JS_NewString(context, name));
        const Value path(context, JS_NewStringLen(context, folder.data, folder.size));
        if (path.failed() || file.failed() || !define(context, record.get(), "body", JS_UNDEFINED)) return JS_EXCEPTION;
        JSValue arguments[] = {exports.get(), require.get(), module.get(), file.get(), path.get()};
        const Value returned(context, JS_Call(context, body.get(), exports.get(), 5, arguments));
        if (returned.failed()) {
            // Who asks for it again has it loaded anew.
            const Value thrown(context, JS_GetException(context));
            define(context, records, name, JS_UNDEFINED);
            const JSAtom key = JS_NewAtom(context, name);
            JS_DeleteProperty(context, cache, key, 0);
            JS_FreeAtom(context, key);
            return JS_Throw(context, JS_DupValue(context, thrown.get()));
        }
        if (!define(context, module.get(), "loaded", JS_NewBool(context, true))) return JS_EXCEPTION;
    }
    return JS_GetPropertyStr(context, module.get(), "exports");
}

JSModuleDef* make_common_js_module(JSContext* context, const char* name, Bytes source) {
    const Value names(context, JS_NewObjectProto(context, JS_NULL));
    if (names.failed() || !collect_names(context, name, source, names.get(), 0) ||
        !define(context, names.get(), "default", JS_NewBool(context, true)) ||
        !define(context, names.get(), kModuleExports, JS_NewBool(context, true))) {
        return nullptr;
    }
    JSModuleDef* const module = JS_NewCModule(context, name, set_exports);
    if (!module) return nullptr;
    JS_SetModulePrivateValue(context, module, JS_DupValue(context, names.get()));
    JSPropertyEnum* all = nullptr;
    uint32_t count = 0;
    if (JS_GetOwnPropertyNames(context, &all, &count, names.get(), JS_GPN_STRING_MASK) < 0) return nullptr;
    bool good = true;
    for (uint32_t i = 0; good && i < count; ++i) {
        const char* const key = JS_AtomToCString(context, all[i].atom);
        good = key && JS_AddModuleExport(context, module, key) >= 0;
        JS_FreeCString(context, key);
    }
    JS_FreePropertyEnum(context, all, count);
    return good ? module : nullptr;
}

JSValue make_require_for(JSContext* context, const char* name) {
    if (!prepare(context)) return JS_EXCEPTION;
    const Value importer(context, JS_NewString(context, name));
    if (importer.failed()) return JS_EXCEPTION;
    JSValueConst data = importer.get();
    Value require(context, JS_NewCFunctionData2(context, require_from, kRequire, 1, 0, 1, &data));
    if (require.failed() ||
        !define(context, require.get(), "resolve",
                JS_NewCFunctionData2(context, resolve_from, "resolve", 1, 0, 1, &data)) ||
        !define(context, require.get(), "cache", JS_DupValue(context, cache))) {
        return JS_EXCEPTION;
    }
    return require.release();
}

}  // namespace curfew::guest
