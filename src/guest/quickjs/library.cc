#include "guest/quickjs/library.h"

#include <string.h>

#include "guest/quickjs/library_support.h"
#include "guest/quickjs/value.h"

// The bytecode, by CMakeLists.txt.
extern "C" {
#define CURFEW_DECLARE(realm, name) extern const uint8_t curfew_library_##name[], curfew_library_##name##_end[];
CURFEW_LIBRARY_SCRIPTS(CURFEW_DECLARE)
#undef CURFEW_DECLARE
}

namespace curfew::guest {

namespace {

enum class Realm { handlers, packages };

struct Source {
    Realm realm;
    const char* name;
    const uint8_t* begin;
    const uint8_t* end;
};

const Source kSources[] = {
#define CURFEW_SOURCE(realm, name) {Realm::realm, #name, curfew_library_##name, curfew_library_##name##_end},
    CURFEW_LIBRARY_SCRIPTS(CURFEW_SOURCE)
#undef CURFEW_SOURCE
};
constexpr int kScripts = static_cast<int>(Script::count);
static_assert(sizeof(kSources) / sizeof(kSources[0]) == kScripts);

struct Loaded {
    JSValue exports;
    bool is_there;
};
Loaded loaded[kScripts];

JSContext* packages;

JSValue make_global(JSContext* context, const EngineLazy* lazy, JSValueConst object);

constexpr EngineLazy global_of(const char* name, Script script) {
    return {make_global, name, static_cast<int>(script)};
}

constexpr EngineLazy kGlobals[] = {
    global_of("Event", Script::events),
    global_of("CustomEvent", Script::events),
    global_of("EventTarget", Script::events),
    global_of("AbortSignal", Script::events),
    global_of("AbortController", Script::events),
    global_of("URL", Script::url),
    global_of("URLSearchParams", Script::url),
    global_of("Headers", Script::headers),
    global_of("ReadableStream", Script::streams),
    global_of("Request", Script::fetch),
    global_of("Response", Script::fetch),
    global_of("fetch", Script::fetch),
    global_of("Blob", Script::blob),
    global_of("File", Script::blob),
    global_of("process", Script::process),
    global_of("Buffer", Script::node_buffer),
};
constexpr int kGlobalCount = sizeof(kGlobals) / sizeof(kGlobals[0]);
bool failed[kGlobalCount];
bool any_failed;

JSValue run(JSContext* realm, const Source& source, JSValue owned_support) {
    const Value support(realm, owned_support);
    if (support.failed()) return JS_EXCEPTION;
    const JSValue code =
        JS_ReadObject(realm, source.begin, static_cast<size_t>(source.end - source.begin), JS_READ_OBJ_BYTECODE);
    if (JS_IsException(code)) return JS_EXCEPTION;
    const Value script(realm, JS_EvalFunction(realm, code));
    if (script.failed()) return JS_EXCEPTION;
    JSValue argument = support.get();
    return JS_Call(realm, script.get(), JS_UNDEFINED, 1, &argument);
}

JSValue make_global(JSContext* context, const EngineLazy* lazy, JSValueConst) {
    const Value exports(context, library(context, static_cast<Script>(lazy->magic)));
    if (!exports.failed()) {
        const JSValue made = JS_GetPropertyStr(context, exports.get(), lazy->name);
        if (!JS_IsException(made)) return made;
    }
    failed[lazy - kGlobals] = any_failed = true;
    return JS_EXCEPTION;
}

constexpr int kHidden = JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE;

}  // namespace

JSContext* package_realm(JSContext* context) {
    if (packages) return packages;
    JSContext* const realm = JS_NewContextRaw(JS_GetRuntime(context));
    if (realm && JS_AddIntrinsicBaseObjects(realm) == 0 && JS_AddIntrinsicRegExp(realm) == 0 &&
        JS_AddIntrinsicJSON(realm) == 0 && JS_AddIntrinsicProxy(realm) == 0 && JS_AddIntrinsicMapSet(realm) == 0 &&
        JS_AddIntrinsicTypedArrays(realm) == 0 && JS_AddIntrinsicPromise(realm) == 0) {
        packages = realm;
        return realm;
    }
    if (realm) JS_FreeContext(realm);
    JS_ThrowOutOfMemory(context);
    return nullptr;
}

JSValue library(JSContext* context, Script script) {
    Loaded& known = loaded[static_cast<int>(script)];
    if (!known.is_there) {
        const Source& source = kSources[static_cast<int>(script)];
        JSContext* const realm = source.realm == Realm::handlers ? context : package_realm(context);
        if (!realm) return JS_EXCEPTION;
        const JSValue exports = run(
            realm, source, source.realm == Realm::handlers ? make_script_support(realm) : make_package_support(realm));
        if (JS_IsException(exports)) return JS_EXCEPTION;
        known = {.exports = exports, .is_there = true};
    }
    return JS_DupValue(context, known.exports);
}

bool script_named(Bytes name, Script& script) {
    for (int i = 0; i < kScripts; ++i) {
        if (!equals(name, kSources[i].name)) continue;
        script = static_cast<Script>(i);
        return true;
    }
    return false;
}

bool install_library(JSContext* context, JSValueConst global) {
    for (const EngineLazy& each : kGlobals) {
        if (!engine_define_lazily(context, global, &each, kHidden)) return false;
    }
    return true;
}

void renew_library(JSContext* context) {
    if (!any_failed) return;
    any_failed = false;
    const Value global(context, JS_GetGlobalObject(context));
    for (int i = 0; i < kGlobalCount; ++i) {
        if (!failed[i]) continue;
        failed[i] = false;
        const Value found(context, JS_GetPropertyStr(context, global.get(), kGlobals[i].name));
        const JSAtom name = JS_NewAtom(context, kGlobals[i].name);
        if (JS_IsUndefined(found.get()) && JS_DeleteProperty(context, global.get(), name, 0) > 0 &&
            !engine_define_lazily(context, global.get(), &kGlobals[i], kHidden)) {
            failed[i] = any_failed = true;
        }
        JS_FreeAtom(context, name);
    }
    if (JS_HasException(context)) JS_FreeValue(context, JS_GetException(context));
}

}  // namespace curfew::guest
