// The guest's heap, C's malloc family on it, and a second heap behind it for the time when the first is full.
#ifndef CURFEW_GUEST_PLATFORM_MEMORY_H
#define CURFEW_GUEST_PLATFORM_MEMORY_H

#include "guest/platform/heap.h"
#include "wire/mailbox.h"

namespace curfew::guest {

extern Heap heap;

// The last bytes of the heap's region, which nothing uses but what deals with a full heap.
extern Heap reserve;

// Divides the heap's region, all zero, among the two. REQUIRES: size is not less than wire::kMinHeapSize.
void init_memory(void* base, size_t size);

// How many bytes of the heap's region were ever in use, from its start; all behind them are zero.
size_t heap_extent();

// Whether a message's body of such a size may take place in memory, as far as is known before it does.
bool has_room_for_body(size_t size);

// What the host is told of the guest's memory with every message.
wire::HeapReport heap_report();

}  // namespace curfew::guest

#endif
