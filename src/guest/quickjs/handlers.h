// The handlers of this guest: loading the scripts that define them, and calling them.
#ifndef CURFEW_GUEST_RUNTIME_HANDLERS_H
#define CURFEW_GUEST_RUNTIME_HANDLERS_H

#include "guest/platform/exchange.h"
#include "guest/quickjs/console.h"
#include "guest/quickjs/engine/engine.h"
#include "guest/quickjs/failure.h"
#include "guest/quickjs/handler_result.h"
#include "guest/quickjs/value.h"

namespace curfew::guest {

class Handlers {
  public:
    explicit Handlers(JSContext* context) : context_(context) {}
    Handlers(const Handlers&) = delete;
    Handlers& operator=(const Handlers&) = delete;

    // Do what the host's message asks for, and stage the answer.
    void load();
    void call();
    void evaluate();

  private:
    // A registered handler. The host checks names, so there are few and each is there once.
    struct Handler {
        char* name;
        size_t name_size;
        JSValue function;  // or a compiled program
        Output* output;
        bool is_program;
    };

    bool load_script(Body& body, Output* output, bool is_program, ScriptFailure& failure);
    bool load_program(Bytes name, Body& body, Output* output, const char* script, ScriptFailure& failure);
    JSValue compile(char* source, size_t size, const char* file, ScriptFailure& failure);
    bool add(Bytes name, JSValueConst function, Output* output, bool is_program, ScriptFailure& failure);
    bool append(Bytes name, JSValueConst function, Output* output, bool is_program);
    Handler* find(Bytes name);
    bool run(const Handler& handler, Body& body, HandlerResult& result, ScriptFailure& failure);
    bool run_as_program(const Handler& handler, Value& event, HandlerResult& result, ScriptFailure& failure);
    bool evaluate_program(Body& body, const char* file, HandlerResult& result, ScriptFailure& failure);
    void finish(bool ran, uint32_t flags, const HandlerResult& result, ScriptFailure& failure);

    JSContext* context_;
    Handler* handlers_ = nullptr;
    size_t count_ = 0;
};

}  // namespace curfew::guest

#endif
