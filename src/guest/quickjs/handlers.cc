#include "guest/quickjs/handlers.h"

#include <string.h>

#include "guest/platform/memory.h"
#include "guest/quickjs/bad_event.h"
#include "guest/quickjs/engine_state.h"
#include "guest/quickjs/inspect.h"
#include "guest/quickjs/jobs.h"
#include "guest/quickjs/modules.h"
#include "guest/quickjs/value.h"

namespace curfew::guest {

using wire::MessageKind;

namespace {

// What makes a script's own top-level `handler` visible. The engine rejects it when the script exports one
// itself, or has none.
constexpr char kExportHandler[] = "\nexport { handler };";

bool is_syntax_error(JSContext* context, JSValueConst thrown) {
    if (!JS_IsError(thrown)) return false;
    const Value name(context, JS_GetPropertyStr(context, thrown, "name"));
    const Text text(context, name.get());
    return text.valid() && strcmp(text.bytes().data, "SyntaxError") == 0;
}

JSValue compile_module(JSContext* context, Bytes source, const char* file) {
    const ModuleLoad imports(context);
    return JS_Eval(context, source.data, source.size, file, JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
}

}  // namespace

void Handlers::load() {
    Body body;
    if (!body.receive(/*keep=*/true, /*extra=*/sizeof(kExportHandler))) return;
    ScriptFailure failure;
    Output* const output = make_output(context_);
    use_output(output);
    const bool loaded = output ? load_script(body, output, failure) : (failure.describe_exception(context_), false);
    finish_jobs(context_);
    if (!loaded) {
        use_output(nullptr);
        free_output(context_, output);
    }
    collect_garbage(context_);
    if (loaded) {
        stage_empty(MessageKind::done);
    } else {
        failure.stage();
    }
}

// The body's name is the handler's name, a zero byte, and the script's name for stack traces.
bool Handlers::load_script(Body& body, Output* output, ScriptFailure& failure) {
    Bytes name = body.name();
    Writer file;
    if (const auto* end = static_cast<const char*>(memchr(name.data, '\0', name.size))) {
        const auto handler_size = static_cast<size_t>(end - name.data);
        file << Bytes{end + 1, name.size - handler_size - 1};
        name.size = handler_size;
    } else {
        file << name;
    }
    const Bytes script = file.text();
    file << '\0';

    const JSValue module = compile(body.mutable_payload(), body.payload().size, script.data, failure);
    if (JS_IsException(module)) return false;
    auto* definition = static_cast<JSModuleDef*>(JS_VALUE_GET_PTR(module));
    Value evaluated(context_, JS_EvalFunction(context_, module));
    if (evaluated.failed()) {
        failure.describe_exception(context_);
        return false;
    }
    if (!settle(context_, evaluated, "the script's top level", failure)) return false;

    const Value exports(context_, JS_GetModuleNamespace(context_, definition));
    Value handler(context_);
    if (!exports.failed()) handler.reset(JS_GetPropertyStr(context_, exports.get(), "handler"));
    if (exports.failed() || handler.failed()) {
        failure.describe_exception(context_);
        return false;
    }
    if (JS_IsUndefined(handler.get())) {
        failure.message << script << " has no handler: define function handler(event), or export one";
        return false;
    }
    if (!JS_IsFunction(context_, handler.get())) {
        failure.message << script << " has a handler that is " << kind_of(context_, handler.get())
                        << ": it has to be a function";
        return false;
    }
    if (!add(name, handler.get(), output)) {
        failure.message << "out of memory";
        failure.flags |= wire::kOutOfMemory;
        return false;
    }
    return true;
}

// Compiles a script as a module that exports its handler. There is room behind the source for
// kExportHandler.
JSValue Handlers::compile(char* source, size_t size, const char* file, ScriptFailure& failure) {
    memcpy(source + size, kExportHandler, sizeof(kExportHandler));
    JSValue module = compile_module(context_, {source, size + sizeof(kExportHandler) - 1}, file);
    if (!JS_IsException(module)) return module;
    Value thrown(context_, JS_GetException(context_));
    if (is_syntax_error(context_, thrown.get())) {
        source[size] = '\0';
        module = compile_module(context_, {source, size}, file);
        if (!JS_IsException(module)) return module;
        thrown.reset(JS_GetException(context_));
    }
    failure.describe(context_, thrown.get());
    if (is_syntax_error(context_, thrown.get())) {
        failure.flags |= wire::kSyntaxError;
        failure.add_place();
    }
    return JS_EXCEPTION;
}

bool Handlers::add(Bytes name, JSValueConst function, Output* output) {
    auto* grown = static_cast<Handler*>(handlers_ ? heap.resize(handlers_, (count_ + 1) * sizeof(Handler))
                                                  : heap.allocate(sizeof(Handler)));
    if (!grown) return false;
    handlers_ = grown;
    auto* copy = static_cast<char*>(heap.allocate(name.size));
    if (!copy) return false;
    memcpy(copy, name.data, name.size);
    handlers_[count_++] = {
        .name = copy, .name_size = name.size, .function = JS_DupValue(context_, function), .output = output};
    return true;
}

// The newest of that name.
const Handlers::Handler* Handlers::find(Bytes name) const {
    for (size_t i = count_; i-- > 0;) {
        const Handler& handler = handlers_[i];
        if (handler.name_size == name.size && memcmp(handler.name, name.data, name.size) == 0) return &handler;
    }
    return nullptr;
}

void Handlers::call() {
    const uint32_t flags = mailbox().message.flags;
    Body body;
    if (!body.receive(/*keep=*/false, /*extra=*/0)) return;
    ScriptFailure failure;
    const Handler* handler = find(body.name());
    if (!handler) {
        failure.message << "there is no handler \"" << body.name() << '"';
        return failure.stage();
    }
    use_output(handler->output);
    Value result(context_);
    const bool ran = run(*handler, body, result, failure);
    finish_jobs(context_);
    if ((flags & wire::kCollectGarbage) != 0) collect_garbage_if_grown(context_);
    if (!ran) return failure.stage();
    const Text json(context_, result.get());
    if (!json.valid()) {
        failure.describe_exception(context_);
        return failure.stage();
    }
    if (!stage({.kind = MessageKind::done, .payload = json.bytes()})) {
        failure.message << "the handler's result has " << static_cast<int64_t>(json.bytes().size)
                        << " bytes, which is more than the host takes";
        failure.stage();
    }
}

// Calls a handler, and waits for its result. `result` becomes its JSON, as a JavaScript string.
bool Handlers::run(const Handler& handler, Body& body, Value& result, ScriptFailure& failure) {
    const Bytes json = body.payload();
    Value event(context_, JS_ParseJSON(context_, json.data, json.size, kEventFile));
    if (event.failed()) {
        const Value thrown(context_, JS_GetException(context_));
        if (is_syntax_error(context_, thrown.get())) {
            describe_bad_event(context_, thrown.get(), json, failure);
        } else {
            // Nested too deep for the stack, or too large for the heap: whoever sent it can do something about that.
            failure.flags |= wire::kBadEvent;
            failure.message << "the event cannot become a value: ";
            failure.describe(context_, thrown.get());
        }
        return false;
    }
    body.drop();  // a large event is in memory once from here on
    JSValue argument = event.get();
    Value returned(context_, JS_Call(context_, handler.function, JS_UNDEFINED, 1, &argument));
    if (returned.failed()) {
        failure.describe_exception(context_);
        return false;
    }
    if (!settle(context_, returned, "the handler", failure)) return false;
    event.reset(JS_UNDEFINED);

    result.reset(JS_JSONStringify(context_, returned.get(), JS_UNDEFINED, JS_UNDEFINED));
    if (result.failed()) {
        failure.message << "the handler's result cannot be turned into JSON: ";
        failure.describe_exception(context_);
        return false;
    }
    if (JS_IsUndefined(result.get())) {
        failure.message << "the handler returned " << kind_of(context_, returned.get())
                        << ", which is not JSON: return something else, such as null";
        return false;
    }
    return true;
}

}  // namespace curfew::guest
