// The region of malloc's heap in a cell.
#ifndef CURFEW_GUEST_NODE_MALLOC_H
#define CURFEW_GUEST_NODE_MALLOC_H

#include <stdint.h>

namespace curfew::guest {

// In a cell, the region ends so many bytes behind its extent at the freeze.
void limit_heap(uint64_t bytes);

}  // namespace curfew::guest

#endif
