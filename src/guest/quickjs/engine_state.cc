#include "guest/quickjs/engine_state.h"

#include <string.h>

#include "guest/platform/exchange.h"
#include "guest/platform/memory.h"
#include "guest/quickjs/out_of_memory.h"

namespace curfew::guest {

namespace {

// What the deepest native call of the engine needs beyond the last place where it looks at the stack
// pointer; formatting a number takes most, about 8 KiB.
constexpr size_t kStackMargin = size_t{64} << 10;

JSRuntime* engine;
size_t collect_at;            // heap use at which the engine is told to collect
size_t allocated_when_clean;  // engine_allocated_bytes() when all garbage had been collected

// How large the heap may get before it is full, or a memory limit ends the handler: garbage shall not be the reason.
size_t heap_room() {
    const size_t limit = mailbox().heap_limit;
    return limit != 0 && limit < heap.capacity() ? limit : heap.capacity();
}

// Halves the way to the heap's end with every collection, from three quarters on.
void pace_collection() {
    const size_t used = heap.used();
    const size_t capacity = heap_room();
    const size_t free = capacity > used ? capacity - used : 0;
    const size_t next = used + free / 2 > capacity / 4 * 3 ? used + free / 2 : capacity / 4 * 3;
    note_room(used);
    if (used >= collect_at) {
        collect_garbage_soon();
        collect_at = next;
    } else if (next < collect_at) {
        collect_at = next;
    }
}

void* allocate(void*, size_t size) {
    void* block = heap.allocate(size);
    if (!block) return allocate_when_full(size);
    pace_collection();
    return block;
}

void* allocate_zeroed(void*, size_t count, size_t size) {
    size_t total = 0;
    if (__builtin_mul_overflow(count, size, &total)) return nullptr;
    void* block = heap.allocate_zeroed(total);
    if (!block) {
        block = allocate_when_full(total);
        if (block) memset(block, 0, total);
        return block;
    }
    pace_collection();
    return block;
}

// What lies in the reserve moves into the heap as soon as there is room.
void* resize_reserved(void* block, size_t size) {
    void* moved = heap.allocate(size);
    if (!moved) return resize_when_full(block, size);
    const size_t old_size = Heap::usable_size(block);
    memcpy(moved, block, old_size < size ? old_size : size);
    reserve.release(block);
    return moved;
}

void* resize(void*, void* block, size_t size) {
    if (reserve.owns(block)) return resize_reserved(block, size);
    void* resized = heap.resize(block, size);
    if (!resized) return resize_when_full(block, size);
    pace_collection();
    return resized;
}

void release(void*, void* block) {
    if (reserve.owns(block)) {
        reserve.release(block);
    } else {
        heap.release(block);
    }
}

constexpr JSMallocFunctions kMemory = {.js_calloc = allocate_zeroed,
                                       .js_malloc = allocate,
                                       .js_free = release,
                                       .js_realloc = resize,
                                       .js_malloc_usable_size = Heap::usable_size};

// The bytes of a SharedArrayBuffer may belong to several objects of the one thread. Their number stands before them.
struct SharedBytes {
    size_t owners;
    alignas(16) uint8_t bytes[];
};

SharedBytes* shared_bytes_at(void* bytes) {
    return reinterpret_cast<SharedBytes*>(static_cast<uint8_t*>(bytes) - sizeof(SharedBytes));
}

void* allocate_shared(void*, size_t size) {
    auto* const made = static_cast<SharedBytes*>(js_malloc_rt(engine, sizeof(SharedBytes) + size));
    if (!made) return nullptr;
    made->owners = 1;
    return made->bytes;
}

void release_shared(void*, void* bytes) {
    SharedBytes* const shared = shared_bytes_at(bytes);
    if (--shared->owners == 0) js_free_rt(engine, shared);
}

void share(void*, void* bytes) { ++shared_bytes_at(bytes)->owners; }

constexpr JSSharedArrayBufferFunctions kShared = {
    .sab_alloc = allocate_shared, .sab_free = release_shared, .sab_dup = share, .sab_opaque = nullptr};

}  // namespace

JSContext* make_engine(size_t stack_size) {
    collect_at = heap.capacity() / 4 * 3;
    JSRuntime* runtime = JS_NewRuntime2(&kMemory, nullptr);
    if (!runtime) return nullptr;
    JS_SetMaxStackSize(runtime, stack_size > 2 * kStackMargin ? stack_size - kStackMargin : stack_size / 2);
    JS_SetSharedArrayBufferFunctions(runtime, &kShared);
    JS_SetCanBlock(runtime, false);  // there is no other thread that Atomics.wait could wait for
    JSContext* context = JS_NewContext(runtime);
    engine = runtime;
    if (!context || !prepare_out_of_memory(context)) return nullptr;
    return context;
}

void begin_request() {
    forget_out_of_memory();
    heap.reset_peak();
}

void collect_garbage_soon() {
    if (engine) JS_SetGCThreshold(engine, 1);  // the engine looks when it makes the next object
}

void collect_garbage(JSContext* context) {
    JS_RunGC(JS_GetRuntime(context));
    allocated_when_clean = engine_allocated_bytes(engine);
}

void collect_garbage_if_grown(JSContext* context) {
    const size_t allocated = engine_allocated_bytes(engine);
    if (allocated > allocated_when_clean) {
        collect_garbage(context);
    } else {
        allocated_when_clean = allocated;
    }
}

}  // namespace curfew::guest
