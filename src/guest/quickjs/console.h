// console and print. Each handler has its own of both: whatever it puts in their place, or into its console, holds in its own calls and for
// all code that runs in them, and for no other handler.
#ifndef CURFEW_GUEST_RUNTIME_CONSOLE_H
#define CURFEW_GUEST_RUNTIME_CONSOLE_H

#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

// Defines the globals: accessors, which cannot be replaced, for what the handler at work has. False when memory runs out.
[[nodiscard]] bool install_console(JSContext* context, JSValueConst global);

// What one handler finds as `console` and `print`.
struct Output {
    JSValue console;
    JSValue print;
};

// A new pair. Null, with an exception, when memory runs out.
Output* make_output(JSContext* context);
// REQUIRES: it is not in use.
void free_output(JSContext* context, Output* output);

// What scripts find from now on; null: the pair that is there from the start.
void use_output(Output* output);

// A console, and a print, as they are made; for modules, which all handlers share, with nothing that can be changed.
JSValue make_frozen_console(JSContext* context);
JSValue make_print(JSContext* context);

}  // namespace curfew::guest

#endif
