#include "guest/quickjs/handlers.h"

#include <string.h>

#include "guest/platform/memory.h"
#include "guest/quickjs/bad_event.h"
#include "guest/quickjs/engine_state.h"
#include "guest/quickjs/import_meta.h"
#include "guest/quickjs/inspect.h"
#include "guest/quickjs/jobs.h"
#include "guest/quickjs/modules.h"
#include "guest/quickjs/programs.h"
#include "guest/quickjs/value.h"
#include "guest/quickjs/value_decoder.h"

namespace curfew::guest {

using wire::MessageKind;

namespace {

// What makes a script's own top-level `handler` visible. The engine rejects it when the script exports one
// itself, or has none.
constexpr char kExportHandler[] = "\nexport { handler };";

JSValue compile_module(JSContext* context, Bytes source, const char* file) {
    const ModuleLoad imports(context);
    const JSValue compiled =
        JS_Eval(context, source.data, source.size, file, JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    engine_keep_source(context, compiled, source.data, source.size);
    return compiled;
}

}  // namespace

void Handlers::load() {
    const uint32_t flags = mailbox().message.flags;
    Body body;
    if (!body.receive(/*keep=*/true, /*extra=*/sizeof(kExportHandler))) return;
    ScriptFailure failure;
    Output* const output = make_output(context_);
    use_output(output);
    const bool loaded = output ? load_script(body, output, (flags & wire::kProgram) != 0, failure)
                               : (failure.describe_exception(context_), false);
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
bool Handlers::load_script(Body& body, Output* output, bool is_program, ScriptFailure& failure) {
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
    if (is_program) return load_program(name, body, output, script.data, failure);

    const JSValue module = compile(body.mutable_payload(), body.payload().size, script.data, failure);
    if (JS_IsException(module)) return false;
    auto* definition = static_cast<JSModuleDef*>(JS_VALUE_GET_PTR(module));
    if (!describe_module(context_, definition, script.data)) {
        JS_FreeValue(context_, module);
        failure.describe_exception(context_);
        return false;
    }
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
    return add(name, handler.get(), output, /*is_program=*/false, failure);
}

bool Handlers::load_program(Bytes name, Body& body, Output* output, const char* script, ScriptFailure& failure) {
    body.mutable_payload()[body.payload().size] = '\0';
    const Value program(context_, compile_program(context_, body.payload(), script, ProgramNames::own, failure));
    return !program.failed() && add(name, program.get(), output, /*is_program=*/true, failure);
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
    JS_Throw(context_, thrown.release());
    failure.describe_syntax_error(context_);
    return JS_EXCEPTION;
}

// In the place of one of that name, if there is one.
bool Handlers::add(Bytes name, JSValueConst function, Output* output, bool is_program, ScriptFailure& failure) {
    if (Handler* const known = find(name)) {
        JS_FreeValue(context_, known->function);
        free_output(context_, known->output);
        known->function = JS_DupValue(context_, function);
        known->output = output;
        known->is_program = is_program;
        return true;
    }
    if (append(name, function, output, is_program)) return true;
    failure.message << "out of memory";
    failure.flags |= wire::kOutOfMemory;
    return false;
}

bool Handlers::append(Bytes name, JSValueConst function, Output* output, bool is_program) {
    auto* grown = static_cast<Handler*>(handlers_ ? heap.resize(handlers_, (count_ + 1) * sizeof(Handler))
                                                  : heap.allocate(sizeof(Handler)));
    if (!grown) return false;
    handlers_ = grown;
    auto* copy = static_cast<char*>(heap.allocate(name.size));
    if (!copy) return false;
    memcpy(copy, name.data, name.size);
    handlers_[count_++] = {.name = copy,
                           .name_size = name.size,
                           .function = JS_DupValue(context_, function),
                           .output = output,
                           .is_program = is_program};
    return true;
}

Handlers::Handler* Handlers::find(Bytes name) {
    for (size_t i = 0; i < count_; ++i) {
        Handler& handler = handlers_[i];
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
    HandlerResult result(context_, flags);
    finish(run(*handler, body, result, failure), flags, result, failure);
}

void Handlers::evaluate() {
    const uint32_t flags = mailbox().message.flags;
    Body body;
    if (!body.receive(/*keep=*/false, /*extra=*/1)) return;
    body.mutable_payload()[body.payload().size] = '\0';
    Writer file;
    file << body.name() << '\0';
    ScriptFailure failure;
    use_output(nullptr);
    HandlerResult result(context_, flags);
    finish(evaluate_program(body, file.text().data, result, failure), flags, result, failure);
}

bool Handlers::evaluate_program(Body& body, const char* file, HandlerResult& result, ScriptFailure& failure) {
    const Value program(context_, compile_program(context_, body.payload(), file, ProgramNames::kept, failure));
    if (program.failed()) return false;
    body.drop();
    engine_allow_names_again(context_, program.get());
    Value value(context_);
    return run_program(context_, program.get(), value, failure) &&
           result.take(value.get(), /*of_program=*/true, failure);
}

// Answers a request that has run.
void Handlers::finish(bool ran, uint32_t flags, const HandlerResult& result, ScriptFailure& failure) {
    finish_jobs(context_);
    if ((flags & wire::kCollectGarbage) != 0) collect_garbage_if_grown(context_);
    if (!ran) return failure.stage();
    result.stage(failure);
}

// Calls a handler, and waits for its result.
bool Handlers::run(const Handler& handler, Body& body, HandlerResult& result, ScriptFailure& failure) {
    const Bytes given = body.payload();
    Value event(context_, result.is_cbor() ? ValueDecoder(context_, given).read()
                                           : JS_ParseJSON(context_, given.data, given.size, kEventFile));
    if (event.failed()) {
        const Value thrown(context_, JS_GetException(context_));
        if (!result.is_cbor() && is_syntax_error(context_, thrown.get())) {
            describe_bad_event(context_, thrown.get(), given, failure);
        } else {
            // Nested too deep for the stack, or too large for the heap: whoever sent it can do something about that.
            failure.flags |= wire::kBadEvent;
            failure.message << "the event cannot become a value: ";
            failure.describe(context_, thrown.get());
        }
        return false;
    }
    body.drop();  // a large event is in memory once from here on
    if (handler.is_program) return run_as_program(handler, event, result, failure);
    JSValue argument = event.get();
    Value returned(context_, JS_Call(context_, handler.function, JS_UNDEFINED, 1, &argument));
    if (returned.failed()) {
        failure.describe_exception(context_);
        return false;
    }
    if (!settle(context_, returned, "the handler", failure)) return false;
    event.reset(JS_UNDEFINED);
    return result.take(returned.get(), /*of_program=*/false, failure);
}

bool Handlers::run_as_program(const Handler& handler, Value& event, HandlerResult& result, ScriptFailure& failure) {
    if (!show_event(context_, event.get())) {
        failure.describe_exception(context_);
        return false;
    }
    event.reset(JS_UNDEFINED);
    Value value(context_);
    const bool ran = run_program(context_, handler.function, value, failure);
    hide_event(context_);
    return ran && result.take(value.get(), /*of_program=*/true, failure);
}

}  // namespace curfew::guest
