// C's malloc family, on Curfew's heap in a region of its own.
#include "guest/node/malloc.h"

#include <asm/unistd.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "guest/node/memory_account.h"
#include "guest/node/system.h"
#include "guest/platform/memory.h"
#include "wire/frozen_image.h"

namespace curfew::guest {

Heap heap;

namespace {

bool ready;

void make_heap() {
    const long made = kernel_call(__NR_mmap, wire::kFrozenHeapBase, wire::kFrozenHeapSize, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (made != static_cast<long>(wire::kFrozenHeapBase)) {
        give_up("this system does not give memory at %p (error %ld)", reinterpret_cast<void*>(wire::kFrozenHeapBase),
                -made);
    }
    kernel_call(__NR_madvise, wire::kFrozenHeapBase, wire::kFrozenHeapSize, MADV_NOHUGEPAGE);
    heap.init(reinterpret_cast<void*>(wire::kFrozenHeapBase), wire::kFrozenHeapSize);
    ready = true;
}

void* allocation_failed() {
    note_allocation_failure();
    errno = ENOMEM;
    return nullptr;
}

// Zeroed blocks are what buffers are made of. The engine deals with it if there is none; with others it does not.
void* allocate(size_t size, bool zeroed) {
    if (!ready) make_heap();
    if (!(zeroed ? memory_allows_block(size) : memory_allows_pages(size))) return allocation_failed();
    void* const block = zeroed ? heap.allocate_zeroed(size) : heap.allocate(size);
    if (!block) return allocation_failed();
    note_memory_use();
    return block;
}

// A block with a greater alignment than the heap's begins in the middle of one of the heap's. In front of it stands what no
// header of the heap can be: this bit, and the distance.
constexpr uint64_t kAligned = 8;
constexpr int kDistanceShift = 4;

uint64_t& header_of(void* block) { return static_cast<uint64_t*>(block)[-1]; }

void* heap_block_of(void* block) {
    const uint64_t header = header_of(block);
    return (header & kAligned) != 0 ? static_cast<char*>(block) - (header >> kDistanceShift) : block;
}

void* allocate_aligned(size_t alignment, size_t size) {
    if ((alignment & (alignment - 1)) != 0) {
        errno = EINVAL;
        return nullptr;
    }
    if (alignment <= Heap::kAlignment) return allocate(size, false);
    size_t total = 0;
    if (__builtin_add_overflow(size, alignment, &total)) return allocation_failed();
    auto* const block = static_cast<char*>(allocate(total, false));
    if (!block) return nullptr;
    const uintptr_t at = reinterpret_cast<uintptr_t>(block);
    const uint64_t distance = ((at + alignment - 1) & ~(alignment - 1)) - at;
    if (distance == 0) return block;
    char* const aligned = block + distance;
    header_of(aligned) = distance << kDistanceShift | kAligned;
    return aligned;
}

}  // namespace

void limit_heap(uint64_t bytes) {
    const uint64_t end = heap.extent() + bytes;
    heap.set_size(end < wire::kFrozenHeapSize ? end : wire::kFrozenHeapSize);
}

}  // namespace curfew::guest

using namespace curfew::guest;

CURFEW_INTERPOSED void* malloc(size_t size) { return allocate(size, false); }

CURFEW_INTERPOSED void* calloc(size_t count, size_t size) {
    size_t total = 0;
    return __builtin_mul_overflow(count, size, &total) ? allocation_failed() : allocate(total, true);
}

CURFEW_INTERPOSED void free(void* block) {
    if (block) heap.release(heap_block_of(block));
}

CURFEW_INTERPOSED size_t malloc_usable_size(void* block) {
    if (!block) return 0;
    void* const whole = heap_block_of(block);
    return Heap::usable_size(whole) - static_cast<size_t>(static_cast<char*>(block) - static_cast<char*>(whole));
}

CURFEW_INTERPOSED void* realloc(void* block, size_t size) {
    if (!block) return malloc(size);
    const size_t old_size = malloc_usable_size(block);
    if (size > old_size && !memory_allows_pages(size - old_size)) return allocation_failed();
    if (heap_block_of(block) == block) {
        void* const resized = heap.resize(block, size);
        if (!resized) return allocation_failed();
        note_memory_use();
        return resized;
    }
    void* const moved = malloc(size);
    if (!moved) return nullptr;
    memcpy(moved, block, old_size < size ? old_size : size);
    free(block);
    return moved;
}

CURFEW_INTERPOSED void* reallocarray(void* block, size_t count, size_t size) {
    size_t total = 0;
    return __builtin_mul_overflow(count, size, &total) ? allocation_failed() : realloc(block, total);
}

CURFEW_INTERPOSED void* memalign(size_t alignment, size_t size) { return allocate_aligned(alignment, size); }

CURFEW_INTERPOSED void* aligned_alloc(size_t alignment, size_t size) { return allocate_aligned(alignment, size); }

CURFEW_INTERPOSED int posix_memalign(void** block, size_t alignment, size_t size) {
    const int before = errno;
    void* const made = allocate_aligned(alignment, size);
    const int error = errno;
    errno = before;
    if (!made) return error;
    *block = made;
    return 0;
}

CURFEW_INTERPOSED void* valloc(size_t size) { return allocate_aligned(curfew::wire::kPageSize, size); }

CURFEW_INTERPOSED int malloc_trim(size_t) { return 0; }
