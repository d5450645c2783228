// The engine's runtime and context, and its memory: one of each in a guest.
//
// The engine collects cycles when it has grown by half since the last time, which in a small heap may be
// never: near the heap's end this file makes it collect sooner.
#ifndef CURFEW_GUEST_RUNTIME_ENGINE_STATE_H
#define CURFEW_GUEST_RUNTIME_ENGINE_STATE_H

#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

// Makes the runtime and the context. `stack_size` is how many bytes of stack the guest has in all. Null when
// the heap is too small.
JSContext* make_engine(size_t stack_size);

// To be called when a request was received: forgets the peak of the last one, and that memory ran out.
void begin_request();

// Collects cycles, if anything was made since the last time that is still there.
void collect_garbage_if_grown(JSContext* context);

// Collects cycles in any case.
void collect_garbage(JSContext* context);

// Has the engine collect cycles when it makes the next object.
void collect_garbage_soon();

}  // namespace curfew::guest

#endif
