// Programs: text that is evaluated whole, with `await` and `return` at its top level.
#ifndef CURFEW_GUEST_RUNTIME_PROGRAMS_H
#define CURFEW_GUEST_RUNTIME_PROGRAMS_H

#include "guest/quickjs/engine/engine.h"
#include "guest/quickjs/failure.h"
#include "guest/quickjs/value.h"

namespace curfew::guest {

// What its names are: the program's own, anew each time that it runs, or left to whatever is evaluated after it.
enum class ProgramNames { own, kept };

// A compiled program, which run_program() can run any number of times if its names are its own; an exception if it does
// not compile, which `failure` says then. The text is followed by a zero byte.
JSValue compile_program(JSContext* context, Bytes source, const char* file, ProgramNames names, ScriptFailure& failure);

// Runs a program to its end, and waits for its value.
bool run_program(JSContext* context, JSValueConst program, Value& result, ScriptFailure& failure);

// The global `event`, there while a program runs that is called with one. False when memory runs out.
[[nodiscard]] bool show_event(JSContext* context, JSValueConst event);
void hide_event(JSContext* context);

}  // namespace curfew::guest

#endif
