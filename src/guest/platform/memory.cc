#include "guest/platform/memory.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

namespace curfew::guest {

Heap heap;

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
