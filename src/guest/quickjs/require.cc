#include "guest/quickjs/require.h"

#include <string.h>

#include "guest/quickjs/built_in_modules.h"
#include "guest/quickjs/commonjs.h"
#include "guest/quickjs/inspector.h"
#include "guest/quickjs/jobs.h"
#include "guest/quickjs/modules.h"
#include "guest/quickjs/throw.h"
#include "guest/quickjs/value.h"
#include "guest/quickjs/writer.h"

namespace curfew::guest {

namespace {

// The script that calls: the innermost one on the stack, because functions of the engine may lie in between.
Value calling_script(JSContext* context) {
    constexpr int kMaxLevels = 64;
    for (int level = 1; level < kMaxLevels; ++level) {
        const JSAtom name = JS_GetScriptOrModuleName(context, level);
        if (name == JS_ATOM_NULL) continue;
        Value text(context, JS_AtomToString(context, name));
        JS_FreeAtom(context, name);
        return text;
    }
    return Value(context, JS_NewString(context, kRequire));
}

// Modules whose evaluation has begun, further down the stack, can be imported until this ends.
class Pause {
  public:
    explicit Pause(JSContext* context) : context_(context), pause_(engine_pause_evaluations(context)) {}
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;
    ~Pause() {
        if (pause_) engine_resume_evaluations(context_, pause_);
    }
    bool began() const { return pause_ != nullptr; }

  private:
    JSContext* context_;
    EnginePause* pause_;
};

// What `require` gives for a module that the engine has: of an ES module its namespace, or its export "module.exports"; its default
// export, if it is known that this is all.
JSValue exports_of(JSContext* context, JSModuleDef* module, bool as_default) {
    Value namespace_object(context, JS_GetModuleNamespace(context, module));
    if (namespace_object.failed()) return JS_EXCEPTION;
    if (as_default) return JS_GetPropertyStr(context, namespace_object.get(), "default");
    Value own(context, JS_GetPropertyStr(context, namespace_object.get(), "module.exports"));
    if (own.failed()) drop_exception(context);
    return JS_IsUndefined(own.get()) || own.failed() ? namespace_object.release() : own.release();
}

JSValue require_es_module(JSContext* context, const char* importer, const char* specifier, bool as_default) {
    const Pause pause(context);
    if (!pause.began()) return JS_EXCEPTION;
    const RequiringModule requiring;
    JSModuleDef* module = engine_load_module(context, importer, specifier);
    if (!module) return JS_EXCEPTION;
    if (engine_is_paused(module)) return JS_GetModuleNamespace(context, module);
    const Value promise(context, engine_evaluate_module(context, module));
    if (promise.failed()) return JS_EXCEPTION;
    switch (run_jobs_until_settled(context, promise.get())) {
        case JS_PROMISE_REJECTED: return JS_Throw(context, JS_PromiseResult(context, promise.get()));
        case JS_PROMISE_FULFILLED: return exports_of(context, module, as_default);
        default: break;
    }
    Writer message;
    message << "the module \"" << bytes_of(specifier)
            << "\" waits for a promise that can never settle: nothing is left to run that could settle it";
    return throw_error(context, ErrorKind::plain, message.text());
}

bool is_syntax_error(JSContext* context, JSValueConst thrown) {
    const Value name = property(context, thrown, "name");
    const Text text(context, name.get());
    return text.valid() && equals(text.bytes(), "SyntaxError");
}

// Makes a record of a file that is a CommonJS module. False if it is none, or an exception is pending.
bool take_common_js(JSContext* context, const char* name) {
    const Bytes path = bytes_of(name);
    const auto ends_with = [&](const char* end) { return path.size > 4 && memcmp(name + path.size - 4, end, 4) == 0; };
    if (ends_with(".mjs") || ends_with(".mts")) return false;
    Body source;
    if (!read_source(context, name, source)) return false;
    if (add_common_js(context, name, source.payload())) return true;
    if (ends_with(".cjs") || ends_with(".cts")) return false;
    Value thrown(context, JS_GetException(context));
    if (!is_syntax_error(context, thrown.get())) JS_Throw(context, thrown.release());
    return false;  // an ES module, or neither: the engine says
}

JSValue require_specifier(JSContext* context, const char* importer, JSValueConst specifier) {
    if (!JS_IsString(specifier)) {
        return throw_error(context, ErrorKind::type, bytes_of("require takes a module's name, which is a string"));
    }
    const Text wanted(context, specifier);
    if (!wanted.valid()) return JS_EXCEPTION;
    Value name(context);
    wire::ModuleKind kind{};
    if (!resolve_required(context, importer, wanted.bytes().data, name, kind)) return JS_EXCEPTION;
    const Text path(context, name.get());
    if (!path.valid()) return JS_EXCEPTION;
    if (kind == wire::ModuleKind::source && path.bytes().size > 0 && path.bytes().data[0] == '/') {
        const char* const file = path.bytes().data;
        if (is_common_js(context, file)) return run_common_js(context, file);
        if (!engine_has_module(context, file) && take_common_js(context, file)) return run_common_js(context, file);
        if (JS_HasException(context)) return JS_EXCEPTION;
    }
    return require_es_module(context, importer, wanted.bytes().data,
                             kind == wire::ModuleKind::json || is_built_in_module(path.bytes()));
}

JSValue require(JSContext* context, JSValueConst, int, JSValueConst* arguments) {
    const Value importer = calling_script(context);
    const Text text(context, importer.get());
    return text.valid() ? require_specifier(context, text.bytes().data, arguments[0]) : JS_EXCEPTION;
}

}  // namespace

JSValue require_from(JSContext* context, JSValueConst, int count, JSValueConst* arguments, int, JSValueConst* data) {
    const Text importer(context, data[0]);
    if (!importer.valid()) return JS_EXCEPTION;
    return require_specifier(context, importer.bytes().data, count > 0 ? arguments[0] : JS_UNDEFINED);
}

JSValue resolve_from(JSContext* context, JSValueConst, int count, JSValueConst* arguments, int, JSValueConst* data) {
    const Text importer(context, data[0]);
    const Text specifier(context, count > 0 ? arguments[0] : JS_UNDEFINED);
    Value name(context);
    wire::ModuleKind kind{};
    if (!importer.valid() || !specifier.valid() ||
        !resolve_required(context, importer.bytes().data, specifier.bytes().data, name, kind)) {
        return JS_EXCEPTION;
    }
    return name.release();
}

bool read_required(JSContext* context, const char* importer, const char* specifier, Value& name, Body& source) {
    wire::ModuleKind kind{};
    if (!resolve_required(context, importer, specifier, name, kind)) return false;
    const Text path(context, name.get());
    return path.valid() && kind == wire::ModuleKind::source && read_source(context, path.bytes().data, source);
}

JSValue make_require(JSContext* context) { return JS_NewCFunction(context, require, kRequire, 1); }

}  // namespace curfew::guest
