#include "guest/quickjs/out_of_memory.h"

#include <string.h>

#include "guest/platform/memory.h"
#include "guest/quickjs/engine_state.h"

namespace curfew::guest {

namespace {

constexpr char kMessage[] = "out of memory";

// The reserve's parts, as eighths of it. Code that catches the Error has some of the first part for itself. When more is in
// use, each block that is served has the Error thrown again. Native code that goes on and on there has its allocations fail;
// what a single step takes, such as making a built-in function, is served up to the last part, which is for the Error itself.
// Of a heap that was full before the request began, its code may free something first.
constexpr size_t kForRequest = 2;
constexpr size_t kForCatch = 2;
constexpr size_t kForScript = 4;
constexpr size_t kForSteps = 7;
constexpr size_t kLargestBlock = 1;
constexpr int kBlocksOfStep = 12;

constexpr size_t kProbe = size_t{8} << 10;

JSContext* engine_context;
JSValue message;
JSValue spare;  // the Error that is thrown when no other can be made

bool ran_out;
bool failed_silently;  // an allocation failed, and nothing was thrown since
bool alarm;            // the script's code is to get the Error
size_t alarm_at;       // use of the reserve from which on that is so
size_t room_below;     // the heap's use at which alarm_at is zero again
int blocks_of_step;    // served since the engine was last ready for an interrupt

size_t part(size_t eighths) { return reserve.capacity() / 8 * eighths; }

void raise_alarm() {
    alarm = true;
    engine_interrupt_soon(engine_context);
}

// What the engine takes to throw the Error and to give it a stack is no reason for the next one.
bool is_being_thrown() {
    return engine_is_building_stack(engine_context) || is_out_of_memory(*engine_pending_exception(engine_context));
}

void* fail() {
    ran_out = true;
    failed_silently = true;
    collect_garbage_soon();
    if (engine_stop_compiler(engine_context)) JS_ThrowOutOfMemory(engine_context);
    return nullptr;
}

// Now that the Error is thrown, the code that catches it shall get on.
void leave_room_to_catch() {
    alarm = false;
    alarm_at = reserve.used() < part(kForScript) ? reserve.used() + part(kForCatch) : 0;
    room_below = heap.capacity() - 2 * reserve.capacity();
}

bool heap_has_room() {
    if (heap.capacity() - heap.used() <= reserve.capacity()) return false;
    void* const block = heap.allocate(kProbe);
    heap.release(block);
    return block != nullptr;
}

// The engine's interrupt handler.
int on_interrupt(JSRuntime*, void*) {
    blocks_of_step = 0;
    if (!alarm) return 0;
    if (!engine_runs_function(engine_context)) {  // a function of the engine, that may not be able to fail
        engine_interrupt_soon(engine_context);
        return 0;
    }
    alarm = false;
    JS_RunGC(JS_GetRuntime(engine_context));
    if (heap_has_room()) return 0;
    JS_ThrowOutOfMemory(engine_context);
    return 1;
}

}  // namespace

bool prepare_out_of_memory(JSContext* context) {
    message = JS_NewString(context, kMessage);
    if (JS_IsException(message)) return false;
    spare = engine_new_out_of_memory_error(context, message);
    if (JS_IsNull(spare)) return false;
    engine_context = context;
    engine_watch_compiler(context);
    JS_SetInterruptHandler(JS_GetRuntime(context), on_interrupt, nullptr);
    return true;
}

void* allocate_when_full(size_t size) {
    if (!engine_context) return nullptr;
    if (engine_is_reporting_out_of_memory(JS_GetRuntime(engine_context))) return reserve.allocate(size);
    const size_t used = reserve.used() + size;
    const bool too_much = used > part(kForScript) && (used > part(kForSteps) || ++blocks_of_step > kBlocksOfStep);
    void* const block = too_much || size > part(kLargestBlock) ? nullptr : reserve.allocate(size);
    if (!block) return fail();
    if (reserve.used() >= alarm_at && !is_being_thrown()) raise_alarm();
    return block;
}

void* resize_when_full(void* block, size_t size) {
    const size_t old_size = Heap::usable_size(block);
    if (size <= old_size) return block;
    void* moved = allocate_when_full(size);
    if (!moved) return nullptr;
    memcpy(moved, block, old_size);
    if (reserve.owns(block)) {
        reserve.release(block);
    } else {
        heap.release(block);
    }
    return moved;
}

void note_room(size_t used) {
    if (used < room_below) {
        room_below = 0;
        alarm_at = 0;
    }
}

bool is_out_of_memory(JSValueConst thrown) { return engine_has_message(thrown, message); }

bool memory_ran_out() { return ran_out; }

void forget_out_of_memory() {
    ran_out = failed_silently = alarm = false;
    alarm_at = part(kForRequest);
    room_below = 0;
    blocks_of_step = 0;
}

}  // namespace curfew::guest

// In place of the engine's own.
extern "C" {

using namespace curfew::guest;

JSValue JS_ThrowOutOfMemory(JSContext* context) {
    ran_out = true;
    if (!engine_context) return JS_EXCEPTION;  // the heap is too small for the engine to start
    JSValue* const pending = engine_pending_exception(context);
    if (engine_is_reporting_out_of_memory(JS_GetRuntime(context)) || is_out_of_memory(*pending)) return JS_EXCEPTION;
    JSValue error = engine_new_out_of_memory_error(context, message);
    if (JS_IsNull(error)) error = JS_DupValue(context, spare);
    failed_silently = false;
    leave_room_to_catch();
    collect_garbage_soon();
    const JSValue before = *pending;
    *pending = error;
    JS_FreeValue(context, before);
    return JS_EXCEPTION;
}

// That memory has run out is what is thrown, whatever the engine would say about what it could not do.
JSValue JS_Throw(JSContext* context, JSValue thrown) {
    JSValue* const pending = engine_pending_exception(context);
    if (engine_context && !JS_IsUninitialized(thrown) && is_out_of_memory(*pending)) {
        JS_FreeValue(context, thrown);
        return JS_EXCEPTION;
    }
    if (engine_context) engine_name_what_failed(context, thrown);
    const JSValue before = *pending;
    *pending = thrown;
    JS_FreeValue(context, before);
    return JS_EXCEPTION;
}

JSValue JS_GetException(JSContext* context) {
    JSValue* const pending = engine_pending_exception(context);
    if (JS_IsUninitialized(*pending) && failed_silently && !engine_is_building_stack(context)) {
        JS_ThrowOutOfMemory(context);
    }
    const JSValue thrown = *pending;
    *pending = JS_UNINITIALIZED;
    return thrown;
}

// The engine asks before it lets code catch the pending exception; when it has forgotten to throw one, it is this.
bool JS_IsUncatchableError(JSValueConst value) {
    if (!engine_context) return engine_is_uncatchable(value);
    if (JS_IsUninitialized(value)) {
        JS_ThrowOutOfMemory(engine_context);
        return false;
    }
    // What the script's code could catch has its stack by now. An async function that cannot even settle its promise comes
    // here too, and would stop the engine if the Error could be caught.
    if (is_out_of_memory(value) && !engine_has_stack(value)) return true;
    return engine_is_uncatchable(value);
}

// The engine would have it that what an interrupt handler throws cannot be caught. Nothing is ever to be so.
void JS_SetUncatchableError(JSContext*, JSValueConst) {}

// What the regular expressions' compiler and interpreter allocate with. They know that it can fail, and say so in their way.
void* lre_realloc(void* context, void* block, size_t size) {
    auto* const of = static_cast<JSContext*>(context);
    void* const resized = js_realloc_rt(JS_GetRuntime(of), block, size);
    if (!resized && size != 0) JS_ThrowOutOfMemory(of);
    return resized;
}
}
