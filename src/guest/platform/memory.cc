#include "guest/platform/memory.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

namespace curfew::guest {

Heap heap;
Heap reserve;

namespace {

constexpr size_t kSmallestReserve = size_t{32} << 10;
constexpr size_t kLargestReserve = size_t{128} << 10;
constexpr size_t kPartOfRegion = 16;

size_t size_before_reserve;

}  // namespace

void init_memory(void* base, size_t size) {
    const size_t part = size / kPartOfRegion & ~(Heap::kAlignment - 1);
    const size_t reserved = part < kSmallestReserve  ? kSmallestReserve
                            : part > kLargestReserve ? kLargestReserve
                                                     : part;
    size_before_reserve = size - reserved;
    heap.init(base, size_before_reserve);
    reserve.init(static_cast<char*>(base) + size_before_reserve, reserved);
}

size_t heap_extent() { return reserve.extent() == 0 ? heap.extent() : size_before_reserve + reserve.extent(); }

bool has_room_for_body(size_t) { return true; }

wire::HeapReport heap_report() { return {.used = heap.used(), .peak = heap.peak(), .extent = heap_extent()}; }

}  // namespace curfew::guest

using curfew::guest::heap;

extern "C" {

void* malloc(size_t size) {
    void* block = heap.allocate(size);
    if (!block) errno = ENOMEM;
    return block;
}

void* calloc(size_t count, size_t size) {
    size_t total = 0;
    void* block = nullptr;
    if (!__builtin_mul_overflow(count, size, &total)) block = heap.allocate_zeroed(total);
    if (!block) errno = ENOMEM;
    return block;
}

void* realloc(void* block, size_t size) {
    if (!block) return malloc(size);
    void* resized = heap.resize(block, size);
    if (!resized) errno = ENOMEM;
    return resized;
}

void free(void* block) { heap.release(block); }

size_t malloc_usable_size(void* block) { return curfew::guest::Heap::usable_size(block); }
}
