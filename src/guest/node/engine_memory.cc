// How the engine keeps to a cell's memory.
#include <algorithm>

#include "guest/node/engine.h"
#include "guest/node/malloc.h"
#include "guest/node/memory_account.h"
#include "guest/node/pages.h"
#include "guest/platform/memory.h"
#include "wire/frozen_image.h"

namespace curfew::guest {

namespace {

Engine* engine;  // of the process

// The limit of the engine's own heap lies so far beyond the cell's, which is what counts as a rule: an object that does not fit below
// the engine's limit is its end. And what it gets beyond that to wind up what runs.
constexpr size_t kRoomForScripts = wire::kFrozenSlack / 2;
constexpr size_t kRoomToEnd = wire::kFrozenSlack / 4;

// Parts of the cell's memory: what has to be free after a collection; and what has to come into use before there is another one.
constexpr uint64_t kRoomToGoOn = 16;
constexpr uint64_t kGrowth = 4;

size_t near_heap_limit(void*, size_t limit, size_t) {
    engine->run_out_of_memory();
    return limit + kRoomToEnd;
}

uint64_t stack_pointer() { return reinterpret_cast<uint64_t>(__builtin_frame_address(0)); }

}  // namespace

// It becomes a string of the engine's as well, before it is gone.
// The caller may have asked for no collection after its calls: what they left makes room then.
bool has_room_for_body(size_t size) {
    if (size >= memory_limit() / 2) return false;
    const auto fits = [size] { return memory_in_use() + 2 * size < memory_limit(); };
    if (fits()) return true;
    if (engine == nullptr) return false;
    engine->collect_garbage();
    return fits();
}

wire::HeapReport heap_report() {
    return {.used = std::min(memory_in_use(), memory_peak()),
            .peak = memory_peak(),
            .extent = extent_of_pages() + heap.extent()};
}

void Engine::start_in_cell(uint64_t heap_size, uint64_t stack_size) {
    engine = this;
    limit_pages(heap_size + wire::kFrozenSlack);
    limit_heap(heap_size + wire::kFrozenSlack);
    limit_memory(heap_size, [] { engine->memory_is_short(); });
    const uint64_t room = stack_pointer() - wire::kFrozenStackBase - wire::kFrozenSlack / 64;
    isolate()->SetStackLimit(stack_pointer() - std::min(stack_size, room));
    v8::HeapStatistics statistics;
    isolate()->GetHeapStatistics(&statistics);
    script_heap_limit_ = statistics.used_heap_size() + heap_size + kRoomForScripts;
    isolate()->AddNearHeapLimitCallback(near_heap_limit, nullptr);
    limit_script_heap();
}

// The engine can only be told so by taking the callback away.
void Engine::limit_script_heap() {
    if (script_heap_limit_ == 0) return;
    isolate()->RemoveNearHeapLimitCallback(near_heap_limit, script_heap_limit_);
    isolate()->AddNearHeapLimitCallback(near_heap_limit, nullptr);
}

void Engine::run_out_of_memory() {
    out_of_memory_ = true;
    isolate()->TerminateExecution();
}

void Engine::memory_is_short() {
    if (collection_is_due_) return;
    collection_is_due_ = true;
    isolate()->RequestInterrupt([](v8::Isolate*, void*) { engine->check_memory(); }, nullptr);
}

// Garbage shall not be the reason why anything ends. What is left afterwards has to leave some room, or there would be no end to
// collecting.
void Engine::check_memory() {
    if (!collection_is_due_) return;
    if (!has_room()) run_out_of_memory();
    collection_is_due_ = false;
    report_memory();
}

bool Engine::has_room() {
    if (!memory_is_too_much()) return true;
    collect_garbage();
    return memory_in_use() <= memory_limit() - memory_limit() / kRoomToGoOn;
}

void Engine::collect_garbage() {
    isolate()->MemoryPressureNotification(v8::MemoryPressureLevel::kCritical);
    used_when_clean_ = memory_in_use();
}

void Engine::collect_garbage_if_grown() {
    const uint64_t used = memory_in_use();
    used_when_clean_ = std::min(used_when_clean_, used);
    if (used - used_when_clean_ > memory_limit() / kGrowth) collect_garbage();
}

}  // namespace curfew::guest
