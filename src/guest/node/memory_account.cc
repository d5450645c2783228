#include "guest/node/memory_account.h"

#include "guest/node/system.h"
#include "guest/platform/exchange.h"
#include "guest/platform/memory.h"
#include "wire/frozen_image.h"

namespace curfew::guest {

namespace {

constexpr size_t kLargeBlock = size_t{1} << 20;

// Use may go so far beyond what the host wants to be told of before it is, since it may be garbage, or what the engine's compiler
// takes for a moment.
constexpr uint64_t kGrace = uint64_t{8} << 20;

uint64_t committed;  // bytes of pages
uint64_t baseline;   // bytes in use at the freeze
uint64_t limit = ~uint64_t{0} / 2;
uint64_t peak;
void (*limit_passed)();
bool telling;
bool failed;

uint64_t total() { return committed + heap.used(); }

bool fits(size_t more, uint64_t most) {
    if (!in_cell()) return true;
    const uint64_t use = memory_in_use();
    return use <= most && more <= most - use;
}

void show_peak(uint64_t use) {
    if (use <= peak) return;
    peak = use;
    mailbox().heap.peak = use;
    const uint64_t told_at = mailbox().heap_limit;
    if (told_at != 0 && use > told_at) report_heap();
}

}  // namespace

void start_memory_account() { baseline = total(); }

void limit_memory(uint64_t bytes, void (*passed)()) {
    limit = bytes;
    limit_passed = passed;
    reset_memory_peak();
}

uint64_t memory_limit() { return limit; }

uint64_t memory_in_use() {
    const uint64_t now = total();
    return now > baseline ? now - baseline : 0;
}

bool memory_allows_block(size_t size) { return size < kLargeBlock ? memory_allows_pages(size) : fits(size, limit); }

bool memory_allows_pages(size_t size) { return fits(size, limit + wire::kFrozenSlack); }

bool memory_is_too_much() {
    const uint64_t told_at = mailbox().heap_limit;
    const uint64_t use = memory_in_use();
    return use > limit || (told_at != 0 && use > told_at);
}

void note_memory_use() {
    if (!in_cell()) return;
    const uint64_t use = memory_in_use();
    const uint64_t told_at = mailbox().heap_limit;
    const bool is_beyond = told_at != 0 && use > told_at;
    const bool may_be_garbage = is_beyond && limit_passed && use <= told_at + kGrace;
    show_peak(may_be_garbage ? told_at : use);
    if ((use <= limit && !is_beyond) || telling || !limit_passed) return;
    telling = true;  // what is called may allocate itself
    limit_passed();
    telling = false;
}

void report_memory() { show_peak(memory_in_use()); }

void reset_memory_peak() {
    peak = 0;
    show_peak(memory_in_use());
}

uint64_t memory_peak() { return peak; }

void add_committed_pages(uint64_t bytes) {
    committed += bytes;
    note_memory_use();
}

void remove_committed_pages(uint64_t bytes) { committed -= bytes; }

void note_allocation_failure() { failed = true; }

bool take_allocation_failure() {
    const bool did = failed;
    failed = false;
    return did;
}

}  // namespace curfew::guest
