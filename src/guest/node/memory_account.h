// How much memory the guest uses: the pages that it has committed and the blocks of its heap, together. In a cell only what
// came since the freeze counts, and there is a limit to it.
//
// Engines cannot deal with every allocation that fails. So there are two limits. When the first is passed, whoever watches is told,
// and has to make the engine give memory back, or end what it does; large blocks for buffers are refused, which engines expect. Between the two lies
// the slack, in which the engine gets what else it asks for. Behind the second nothing is left, and the engine gives up.
#ifndef CURFEW_GUEST_NODE_MEMORY_ACCOUNT_H
#define CURFEW_GUEST_NODE_MEMORY_ACCOUNT_H

#include <stddef.h>
#include <stdint.h>

namespace curfew::guest {

// What is in use now is in use in every cell, and does not count.
void start_memory_account();

// A cell's: as many bytes beyond that. `passed` is called in the middle of an allocation whenever use grows beyond the limit, or
// beyond what the host wants to be told of (Mailbox::heap_limit).
void limit_memory(uint64_t limit, void (*passed)());

// Whether use is beyond either of them now.
bool memory_is_too_much();

// Whoever was called has done what there was to do. What is in use now shows; the host is told if it is too much for it. Until then
// what goes a little beyond its limit is taken for garbage, and does not show.
void report_memory();

uint64_t memory_limit();

// Bytes in use that count; and the most that there were since reset_memory_peak().
uint64_t memory_in_use();
uint64_t memory_peak();
void reset_memory_peak();

// So many bytes of pages have been committed, or are no longer.
void add_committed_pages(uint64_t bytes);
void remove_committed_pages(uint64_t bytes);

// Whether so many more bytes may come into use: as a block that the engine can do without, or as anything else.
bool memory_allows_block(size_t size);
bool memory_allows_pages(size_t size);

// To be called when use has grown.
void note_memory_use();

// An allocation has failed since this was last asked.
void note_allocation_failure();
bool take_allocation_failure();

}  // namespace curfew::guest

#endif
