// The pages that the program maps, in one piece of address space, the arena. All of it is readable, writable and, but for
// forbid_new_code(), executable from the start, so that a cell need not change protections.
//
// A page is free, reserved or committed. Only committed pages count as memory in use. Engines reserve much that they never
// use.
#ifndef CURFEW_GUEST_NODE_PAGES_H
#define CURFEW_GUEST_NODE_PAGES_H

#include <stddef.h>
#include <stdint.h>

namespace curfew::guest {

// What the system calls of these names do, and their results: an error's number is negative.
long map_pages(uintptr_t where, size_t length, int protection, int flags, int descriptor, long offset);
long unmap_pages(uintptr_t where, size_t length);
long protect_pages(uintptr_t where, size_t length, int protection);
long advise_pages(uintptr_t where, size_t length, int advice);

// For an engine that makes no machine code: nothing in the arena is executable any more, nor will be. Before there is code in it.
void forbid_new_code();

// Bytes from the arena's base of which any was ever reserved. Nothing behind has content.
uint64_t extent_of_pages();

// Before the freeze: makes all pages zero that are not committed, and cells begin from here to count what grows.
void drop_free_pages();

// In a cell, the arena ends so many bytes behind its extent at the freeze.
void limit_pages(uint64_t bytes);

}  // namespace curfew::guest

#endif
