// The guest's one heap, and C's malloc family on it.
#ifndef CURFEW_GUEST_PLATFORM_MEMORY_H
#define CURFEW_GUEST_PLATFORM_MEMORY_H

#include "guest/platform/heap.h"

namespace curfew::guest {

extern Heap heap;

}  // namespace curfew::guest

#endif
