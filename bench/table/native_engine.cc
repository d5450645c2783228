#include "table/native_engine.h"

#include <quickjs.h>

#include <utility>

namespace curfew::bench {

struct NativeEngine::Engine {
    JSRuntime* runtime = nullptr;
    JSContext* context = nullptr;
    JSValue handler = JS_UNDEFINED;

    Engine() = default;
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    ~Engine() {
        if (context != nullptr) {
            JS_FreeValue(context, handler);
            JS_FreeContext(context);
        }
        if (runtime != nullptr) JS_FreeRuntime(runtime);
    }

    std::unexpected<Error> failed() {
        const JSValue thrown = JS_GetException(context);
        const char* text = JS_ToCString(context, thrown);
        Error error{.code = ErrorCode::handler_error,
                    .message = std::string("QuickJS-NG in the host's process: ") + (text != nullptr ? text : "?")};
        JS_FreeCString(context, text);
        JS_FreeValue(context, thrown);
        return std::unexpected(std::move(error));
    }
};

NativeEngine::NativeEngine(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
NativeEngine::NativeEngine(NativeEngine&&) noexcept = default;
NativeEngine& NativeEngine::operator=(NativeEngine&&) noexcept = default;
NativeEngine::~NativeEngine() = default;

Result<NativeEngine> NativeEngine::load(std::string_view script) {
    auto engine = std::make_unique<Engine>();
    engine->runtime = JS_NewRuntime();
    if (engine->runtime != nullptr) engine->context = JS_NewContext(engine->runtime);
    if (engine->context == nullptr) {
        return std::unexpected(Error{.code = ErrorCode::unavailable, .message = "QuickJS-NG could not be started."});
    }
    JSContext* const context = engine->context;

    const std::string source = std::string(script) + "\nexport { handler };";
    const JSValue module =
        JS_Eval(context, source.data(), source.size(), "handler.js", JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    if (JS_IsException(module)) return engine->failed();
    auto* const definition = static_cast<JSModuleDef*>(JS_VALUE_GET_PTR(module));
    const JSValue evaluated = JS_EvalFunction(context, module);
    if (JS_IsException(evaluated)) return engine->failed();
    JS_FreeValue(context, evaluated);
    JSContext* job = nullptr;
    while (JS_ExecutePendingJob(engine->runtime, &job) > 0) {
    }
    const JSValue exports = JS_GetModuleNamespace(context, definition);
    engine->handler = JS_GetPropertyStr(context, exports, "handler");
    JS_FreeValue(context, exports);
    if (JS_IsException(engine->handler)) return engine->failed();
    return NativeEngine(std::move(engine));
}

Result<std::string> NativeEngine::call(std::string_view event) {
    JSContext* const context = engine_->context;
    const std::string terminated(event);  // the engine wants a zero byte behind it
    JSValue argument = JS_ParseJSON(context, terminated.c_str(), terminated.size(), "event");
    if (JS_IsException(argument)) return engine_->failed();
    const JSValue returned = JS_Call(context, engine_->handler, JS_UNDEFINED, 1, &argument);
    JS_FreeValue(context, argument);
    if (JS_IsException(returned)) return engine_->failed();
    const JSValue json = JS_JSONStringify(context, returned, JS_UNDEFINED, JS_UNDEFINED);
    JS_FreeValue(context, returned);
    if (JS_IsException(json)) return engine_->failed();
    std::size_t length = 0;
    const char* const text = JS_ToCStringLen(context, &length, json);
    JS_FreeValue(context, json);
    if (text == nullptr) return engine_->failed();
    std::string result(text, length);
    JS_FreeCString(context, text);
    return result;
}

void NativeEngine::collect_garbage() { JS_RunGC(engine_->runtime); }

}  // namespace curfew::bench
