// A state that cells start from and are reset to: a program as it is before its first instruction, or a snapshot.
#ifndef CURFEW_CELL_MEMORY_IMAGE_H
#define CURFEW_CELL_MEMORY_IMAGE_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <curfew/error.h>

#include "base/forks.h"
#include "base/mutex.h"
#include "cell/guest_image.h"
#include "cell/memory_file.h"
#include "wire/layout.h"

namespace curfew::cell {

// How much memory a cell has, in bytes, whole pages.
struct MemorySizes {
    std::uint64_t heap;
    std::uint64_t stack;

    friend bool operator==(const MemorySizes&, const MemorySizes&) = default;
};

// A piece of guest memory whose content lies in the state's file. The rest of heap and stack is zero.
struct SavedPiece {
    std::uint64_t address;
    std::uint64_t length;
    std::uint64_t offset;
};

// Pages that cells of an image are likely to write when they run. A hint for those that start from it, so that they need not take a
// page fault for each. It shows to all of them, by timing, so it is never learnt from what one of them did by itself: only from
// what is in the image anyway, having been written before it was saved, or from what the host ran for the purpose. Thread-safe.
class HotPages {
  public:
    // What a short invocation writes. More is not worth giving to every new cell, and nobody else may choose more.
    static constexpr std::size_t kMaxRanges = 32;
    static constexpr std::uint64_t kMaxSize = 128 * wire::kPageSize;

    struct Range {
        std::uint64_t address;
        std::uint64_t length;
    };
    using Ranges = std::vector<Range>;

    bool known() const {
        const base::Lock lock(mutex_);
        return ranges_ != nullptr;
    }

    std::shared_ptr<const Ranges> ranges() const {
        const base::Lock lock(mutex_);
        return ranges_;
    }

    void learn(Ranges ranges) {
        auto learnt = std::make_shared<const Ranges>(std::move(ranges));
        const base::Lock lock(mutex_);
        ranges_ = std::move(learnt);
    }

  private:
    mutable base::ForkSafeMutex mutex_;  // children of a fork start cells from the images that they inherit
    std::shared_ptr<const Ranges> ranges_ GUARDED_BY(mutex_);
};

// Immutable but for the hint; shared by all cells that started from it. The pieces are, in this order: the image's writable segment,
// the heap from its base on, the stack up to its top.
struct MemoryImage {
    std::shared_ptr<const GuestImage> program;
    MemorySizes sizes{};
    std::optional<MemoryFile> state;  // none: the program's own file
    std::vector<SavedPiece> pieces;
    std::uint64_t instruction = 0;  // where the guest starts; 0: it goes on after its hypercall
    std::uint64_t stack_pointer = 0;
    mutable HotPages hot{};
};

// The state before the program's first instruction. Fails with `invalid_argument` for sizes that are not whole pages
// or exceed the layout's limits.
Result<std::shared_ptr<const MemoryImage>> initial_state(std::shared_ptr<const GuestImage> program, MemorySizes sizes);

}  // namespace curfew::cell

#endif
