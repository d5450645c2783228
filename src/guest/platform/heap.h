// The allocator of a cell's heap region.
//
// Every block has a header of 8 bytes, which holds its size and whether it and the block before it are in
// use; a free block repeats its size at its end, so that neighbours find each other and merge at once. Free
// blocks lie in bins by size: one bin for every multiple of 16 below 1 KiB, then 8 bins per doubling, with a
// bitmap of those that hold any. So allocating, freeing and resizing take a bounded number of steps, however
// full or fragmented the heap is.
//
// Memory above the highest block, the frontier, is taken only when no bin has a block that fits: what was
// used before is used again first, and pages that were never needed are never touched. They are known to be
// zero, so zeroed blocks from there cost nothing.
//
// A gauge, if there is one, shows the peak while it changes, and is told when it passes a limit.
//
// Not for several threads. Has no constructor that runs code: a heap in zeroed memory is full until init().
#ifndef CURFEW_GUEST_PLATFORM_HEAP_H
#define CURFEW_GUEST_PLATFORM_HEAP_H

#include <stddef.h>
#include <stdint.h>

namespace curfew::guest {

// Where a heap's peak is shown at any time, and who acts on it.
struct HeapGauge {
    uint64_t* peak;
    const uint64_t* limit;  // read whenever the peak has grown; 0 is none
    // Called each time that the peak has grown and is greater than the limit, in the middle of an allocation: must not
    // use the heap.
    void (*passed)();
};

class Heap {
  public:
    static constexpr size_t kAlignment = 16;
    static constexpr size_t kOverhead = 8;  // bytes before each block

    // Takes over `size` bytes at `base`, all of them zero. REQUIRES: base is a multiple of 16.
    void init(void* base, size_t size);

    // From now on the region ends `size` bytes behind its base. REQUIRES: that is at least kAlignment behind the extent, and all
    // that comes to the region is zero.
    void set_size(size_t size);

    // A block of at least `size` bytes, aligned to 16, or null when no free block is that large.
    void* allocate(size_t size);
    void* allocate_zeroed(size_t size);

    // From now on shows the peak there. REQUIRES: what the gauge refers to stays.
    void attach(const HeapGauge& gauge);

    // Gives a block back. Null is allowed.
    void release(void* block);

    // Makes a block larger or smaller, in place where its neighbours allow it. Null when there is no room:
    // then the block is as it was. REQUIRES: block is not null.
    void* resize(void* block, size_t size);

    // How many bytes of the block may be used; at least what was asked for.
    static size_t usable_size(const void* block);

    // Bytes in use, headers included, and the most that were since the last reset_peak().
    size_t used() const { return used_; }
    size_t peak() const { return peak_; }
    void reset_peak();

    // Bytes that can be in use, headers included.
    size_t capacity() const { return end_ - start_; }

    // Whether a block of some heap lies in the region.
    bool owns(const void* block) const {
        const auto address = reinterpret_cast<uintptr_t>(block);
        return address > start_ && address < end_;
    }

    // Bytes from the region's start that were ever in use; all behind them are zero.
    size_t extent() const { return touched_ == start_ ? 0 : touched_ - start_ + kAlignment - kOverhead; }

    // Walks all blocks and bins and says whether they agree with each other. For tests.
    bool consistent() const;

  private:
    struct Chunk;  // a block with its header

    static constexpr unsigned kSmallBins = 64;  // chunks of 16 * index bytes
    static constexpr unsigned kBinsPerDoubling = 8;
    static constexpr unsigned kBins = kSmallBins + 30 * kBinsPerDoubling;
    static constexpr unsigned kWords = (kBins + 63) / 64;

    static unsigned bin_of(size_t size);
    void link(Chunk* chunk, size_t size);
    void unlink(Chunk* chunk, size_t size);
    Chunk* find(size_t size);
    Chunk* take(size_t size);
    void free_chunk(Chunk* chunk, size_t size);
    void trim(Chunk* chunk, size_t size);
    bool grow_in_place(Chunk* chunk, size_t size);
    void add_used(size_t size);
    void peak_has_grown();

    uintptr_t start_;     // the first chunk
    uintptr_t frontier_;  // the end of the highest chunk in use; everything above is free
    uintptr_t end_;       // the region's end
    uintptr_t touched_;   // the highest value that frontier_ had
    size_t used_;
    size_t peak_;
    HeapGauge gauge_;          // with a null `peak`: none
    uint64_t filled_[kWords];  // a bit for each bin that is not empty
    Chunk* bins_[kBins];
};

}  // namespace curfew::guest

#endif
