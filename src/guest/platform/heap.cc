#include "guest/platform/heap.h"

#include <string.h>

namespace curfew::guest {

namespace {

constexpr size_t kInUse = 1;          // this chunk is in use
constexpr size_t kPreviousInUse = 2;  // the chunk below is in use; else its size stands right below this chunk
constexpr size_t kFlags = 15;
constexpr size_t kSmallestChunk = 32;  // header, two links, and the size at the end
constexpr size_t kLargestRequest = size_t{1} << 40;
constexpr int kLooksInBin = 8;  // chunks of the right bin that are tried before a larger one is split

}  // namespace

// Chunks lie at 8 modulo 16, so that the block behind the header is aligned to 16.
struct Heap::Chunk {
    size_t head;  // size | flags
    // Only in a free chunk:
    Chunk* next;
    Chunk* previous;

    size_t size() const { return head & ~kFlags; }
    bool in_use() const { return (head & kInUse) != 0; }
    bool previous_in_use() const { return (head & kPreviousInUse) != 0; }
    uintptr_t address() const { return reinterpret_cast<uintptr_t>(this); }
    void* block() { return reinterpret_cast<char*>(this) + kOverhead; }
    size_t& size_below() { return *reinterpret_cast<size_t*>(address() - sizeof(size_t)); }

    static Chunk* at(uintptr_t address) { return reinterpret_cast<Chunk*>(address); }
    static Chunk* of(const void* block) { return at(reinterpret_cast<uintptr_t>(block) - kOverhead); }
    Chunk* after(size_t size) { return at(address() + size); }
};

namespace {

size_t chunk_size(size_t request) {
    const size_t size = (request + Heap::kOverhead + Heap::kAlignment - 1) & ~(Heap::kAlignment - 1);
    return size < kSmallestChunk ? kSmallestChunk : size;
}

}  // namespace

void Heap::init(void* base, size_t size) {
    memset(this, 0, sizeof(*this));
    start_ = reinterpret_cast<uintptr_t>(base) + kAlignment - kOverhead;
    set_size(size);
    frontier_ = touched_ = start_;
}

void Heap::set_size(size_t size) {
    const uintptr_t base = start_ - kAlignment + kOverhead;
    end_ = (base + size - kAlignment) & ~(kAlignment - 1);
    end_ += kAlignment - kOverhead;
    if (size < 2 * kAlignment) end_ = start_;
}

// The bin that a chunk of this size belongs into. Bins hold ever larger chunks; all in a small bin are
// equal.
unsigned Heap::bin_of(size_t size) {
    if (size < size_t{16} * kSmallBins) return static_cast<unsigned>(size / 16);
    const unsigned log = 63 - static_cast<unsigned>(__builtin_clzl(size));
    const unsigned within = static_cast<unsigned>(size >> (log - 3)) & (kBinsPerDoubling - 1);
    return kSmallBins + (log - 10) * kBinsPerDoubling + within;
}

// Keeps a chunk of a lower address than any before it in front, so that low addresses are used first as
// a rule.
void Heap::link(Chunk* chunk, size_t size) {
    const unsigned bin = bin_of(size);
    Chunk* first = bins_[bin];
    if (first && first < chunk) {
        chunk->previous = first;
        chunk->next = first->next;
        if (first->next) first->next->previous = chunk;
        first->next = chunk;
        return;
    }
    chunk->previous = nullptr;
    chunk->next = first;
    if (first) first->previous = chunk;
    bins_[bin] = chunk;
    filled_[bin / 64] |= uint64_t{1} << (bin % 64);
}

void Heap::unlink(Chunk* chunk, size_t size) {
    if (chunk->next) chunk->next->previous = chunk->previous;
    if (chunk->previous) {
        chunk->previous->next = chunk->next;
        return;
    }
    const unsigned bin = bin_of(size);
    bins_[bin] = chunk->next;
    if (!chunk->next) filled_[bin / 64] &= ~(uint64_t{1} << (bin % 64));
}

// Takes a free chunk of at least `size` bytes out of its bin. Null when there is none.
Heap::Chunk* Heap::find(size_t size) {
    unsigned bin = bin_of(size);
    if (bin >= kSmallBins) {
        Chunk* chunk = bins_[bin];
        for (int looks = 0; chunk && looks < kLooksInBin; ++looks, chunk = chunk->next) {
            if (chunk->size() >= size) {
                unlink(chunk, chunk->size());
                return chunk;
            }
        }
        ++bin;
    }
    uint64_t filled = filled_[bin / 64] & (~uint64_t{0} << (bin % 64));
    for (unsigned word = bin / 64;; filled = filled_[word]) {
        if (filled != 0) {
            Chunk* chunk = bins_[word * 64 + static_cast<unsigned>(__builtin_ctzl(filled))];
            unlink(chunk, chunk->size());
            return chunk;
        }
        if (++word == kWords) return nullptr;
    }
}

void Heap::add_used(size_t size) {
    used_ += size;
    if (used_ > peak_) peak_has_grown();
}

// A function of its own: most allocations take the place of something that was freed.
__attribute__((noinline)) void Heap::peak_has_grown() {
    peak_ = used_;
    if (!gauge_.peak) return;
    *gauge_.peak = peak_;
    const uint64_t limit = *gauge_.limit;
    if (limit != 0 && peak_ > limit) gauge_.passed();
}

void Heap::attach(const HeapGauge& gauge) {
    gauge_ = gauge;
    reset_peak();
}

void Heap::reset_peak() {
    peak_ = 0;
    peak_has_grown();
}

// A chunk of `size` bytes, in use, with nothing in it.
Heap::Chunk* Heap::take(size_t size) {
    Chunk* chunk = find(size);
    if (chunk) {
        const size_t found = chunk->size();
        if (found - size >= kSmallestChunk) {
            Chunk* rest = chunk->after(size);
            const size_t left = found - size;
            rest->head = left | kPreviousInUse;
            rest->after(left)->size_below() = left;
            link(rest, left);
            chunk->head = size | kInUse | kPreviousInUse;
        } else {
            chunk->head = found | kInUse | kPreviousInUse;
            chunk->after(found)->head |= kPreviousInUse;
            size = found;
        }
    } else {
        if (frontier_ + size > end_) return nullptr;
        chunk = Chunk::at(frontier_);
        chunk->head = size | kInUse | kPreviousInUse;
        frontier_ += size;
        if (frontier_ > touched_) touched_ = frontier_;
    }
    add_used(size);
    return chunk;
}

void* Heap::allocate(size_t size) {
    if (size > kLargestRequest) return nullptr;
    Chunk* chunk = take(chunk_size(size));
    return chunk ? chunk->block() : nullptr;
}

void* Heap::allocate_zeroed(size_t size) {
    const uintptr_t untouched = touched_;
    void* block = allocate(size);
    if (!block) return nullptr;
    const uintptr_t address = reinterpret_cast<uintptr_t>(block);
    if (address < untouched) memset(block, 0, size < untouched - address ? size : untouched - address);
    return block;
}

// Makes a chunk, whose header's flag for the chunk below is right, free, and merges it with its neighbours.
void Heap::free_chunk(Chunk* chunk, size_t size) {
    if (!chunk->previous_in_use()) {
        const size_t below = chunk->size_below();
        chunk = Chunk::at(chunk->address() - below);
        unlink(chunk, below);
        size += below;
    }
    Chunk* next = chunk->after(size);
    if (next->address() == frontier_) {
        frontier_ = chunk->address();
        return;
    }
    if (next->in_use()) {
        next->head &= ~kPreviousInUse;
    } else {
        const size_t above = next->size();
        unlink(next, above);
        size += above;
    }
    chunk->head = size | kPreviousInUse;
    chunk->after(size)->size_below() = size;
    link(chunk, size);
}

void Heap::release(void* block) {
    if (!block) return;
    Chunk* chunk = Chunk::of(block);
    const size_t size = chunk->size();
    used_ -= size;
    free_chunk(chunk, size);
}

// Gives back what a chunk in use has beyond `size`, if that is enough for a chunk of its own.
void Heap::trim(Chunk* chunk, size_t size) {
    const size_t left = chunk->size() - size;
    if (left < kSmallestChunk) return;
    chunk->head -= left;
    Chunk* rest = chunk->after(size);
    rest->head = left | kInUse | kPreviousInUse;
    used_ -= left;
    free_chunk(rest, left);
}

bool Heap::grow_in_place(Chunk* chunk, size_t size) {
    const size_t old_size = chunk->size();
    Chunk* next = chunk->after(old_size);
    if (next->address() == frontier_) {
        if (chunk->address() + size > end_) return false;
        frontier_ = chunk->address() + size;
        if (frontier_ > touched_) touched_ = frontier_;
        chunk->head += size - old_size;
        add_used(size - old_size);
        return true;
    }
    if (next->in_use() || old_size + next->size() < size) return false;
    const size_t above = next->size();
    unlink(next, above);
    chunk->head += above;
    chunk->after(old_size + above)->head |= kPreviousInUse;
    used_ += above;
    trim(chunk, size);
    if (used_ > peak_) peak_has_grown();
    return true;
}

void* Heap::resize(void* block, size_t size) {
    if (size > kLargestRequest) return nullptr;
    Chunk* chunk = Chunk::of(block);
    const size_t old_size = chunk->size();
    const size_t new_size = chunk_size(size);
    if (new_size <= old_size) {
        trim(chunk, new_size);
        return block;
    }
    if (grow_in_place(chunk, new_size)) return block;
    void* moved = allocate(size);
    if (!moved) return nullptr;
    memcpy(moved, block, old_size - kOverhead);
    release(block);
    return moved;
}

size_t Heap::usable_size(const void* block) { return block ? Chunk::of(block)->size() - kOverhead : 0; }

bool Heap::consistent() const {
    size_t used = 0;
    size_t free_chunks = 0;
    bool previous_in_use = true;
    for (uintptr_t address = start_; address != frontier_;) {
        Chunk* chunk = Chunk::at(address);
        const size_t size = chunk->size();
        if (size < kSmallestChunk || address + size > frontier_ || address % 16 != 8) return false;
        if (chunk->previous_in_use() != previous_in_use) return false;
        if (!chunk->in_use()) {
            // Free chunks never touch each other, nor the frontier.
            if (!previous_in_use || address + size == frontier_) return false;
            if (chunk->after(size)->size_below() != size) return false;
            ++free_chunks;
        } else {
            used += size;
        }
        previous_in_use = chunk->in_use();
        address += size;
    }
    for (unsigned bin = 0; bin < kBins; ++bin) {
        if (((filled_[bin / 64] >> (bin % 64)) & 1) != (bins_[bin] ? 1u : 0u)) return false;
        const Chunk* previous = nullptr;
        for (const Chunk* chunk = bins_[bin]; chunk; previous = chunk, chunk = chunk->next, --free_chunks) {
            if (free_chunks == 0 || chunk->in_use() || chunk->previous != previous) return false;
            if (bin_of(chunk->size()) != bin) return false;
        }
    }
    return free_chunks == 0 && used == used_ && peak_ >= used_ && frontier_ <= touched_ && touched_ <= end_;
}

}  // namespace curfew::guest
