#include "guest/quickjs/require.h"

#include "guest/quickjs/jobs.h"
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

JSValue require(JSContext* context, JSValueConst, int, JSValueConst* arguments) {
    if (!JS_IsString(arguments[0])) {
        return throw_error(context, ErrorKind::type, bytes_of("require takes a module's name, which is a string"));
    }
    const Value importer = calling_script(context);
    const Text importer_text(context, importer.get());
    const Text specifier(context, arguments[0]);
    if (importer.failed() || !importer_text.valid() || !specifier.valid()) return JS_EXCEPTION;

    const Pause pause(context);
    if (!pause.began()) return JS_EXCEPTION;
    JSModuleDef* module = engine_load_module(context, importer_text.bytes().data, specifier.bytes().data);
    if (!module) return JS_EXCEPTION;
    if (engine_is_paused(module)) return JS_GetModuleNamespace(context, module);
    const Value promise(context, engine_evaluate_module(context, module));
    if (promise.failed()) return JS_EXCEPTION;
    switch (run_jobs_until_settled(context, promise.get())) {
        case JS_PROMISE_REJECTED: return JS_Throw(context, JS_PromiseResult(context, promise.get()));
        case JS_PROMISE_FULFILLED: return JS_GetModuleNamespace(context, module);
        default: break;
    }
    Writer message;
    message << "the module \"" << specifier.bytes()
            << "\" waits for a promise that can never settle: nothing is left to run that could settle it";
    return throw_error(context, ErrorKind::plain, message.text());
}

}  // namespace

JSValue make_require(JSContext* context) { return JS_NewCFunction(context, require, kRequire, 1); }

}  // namespace curfew::guest
