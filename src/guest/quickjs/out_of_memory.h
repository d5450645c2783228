// What happens when the heap is full.
//
// The engine is not written for allocations that fail anywhere: some of its code forgets to look, leaves built-in
// functions undefined for good, or throws something that is no Error. So small allocations do not fail: they are served
// from a reserve (platform/memory.h), and the script's code gets its `InternalError: out of memory` at the next place where
// the engine would also obey an interrupt, that is at a call or a jump back, after garbage was collected there. Large ones
// fail at once, and small ones when the reserve is used up: by native code that makes many objects in one go, such as
// JSON.parse.
//
// An allocation that fails throws that same Error, whatever the engine makes of the failure. The Error is made without
// collecting garbage, since the engine may be in the middle of changing an object, from the last part of the reserve;
// without memory even for that, a spare one is thrown.
#ifndef CURFEW_GUEST_RUNTIME_OUT_OF_MEMORY_H
#define CURFEW_GUEST_RUNTIME_OUT_OF_MEMORY_H

#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

// Makes what has to be there when memory runs out. False when the heap is too small for it.
bool prepare_out_of_memory(JSContext* context);

// The engine's allocations when the heap is full: from the reserve, or null.
void* allocate_when_full(size_t size);
void* resize_when_full(void* block, size_t size);

// To be called now and then with the heap's use.
void note_room(size_t used);

// True for the Error that says that memory ran out.
bool is_out_of_memory(JSValueConst thrown);

// True when an allocation has failed, or that Error was thrown, since the last forget_out_of_memory().
bool memory_ran_out();
void forget_out_of_memory();

}  // namespace curfew::guest

#endif
