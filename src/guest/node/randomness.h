// Random numbers, of the seed that the host gives.
#ifndef CURFEW_GUEST_NODE_RANDOMNESS_H
#define CURFEW_GUEST_NODE_RANDOMNESS_H

#include <stddef.h>
#include <stdint.h>

namespace curfew::guest {

// In a cell: forgets everything, and begins with the mailbox's seed.
void reseed();

void fill_with_randomness(void* out, size_t size);

// What the guest gives as its process's number. It is drawn with every seed, since a library that finds itself in another process
// takes fresh random numbers.
int process_number();

}  // namespace curfew::guest

#endif
