// A state that cells start from and are reset to: a program as it is before its first instruction, or a snapshot.
#ifndef CURFEW_CELL_MEMORY_IMAGE_H
#define CURFEW_CELL_MEMORY_IMAGE_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
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

// A piece of a guest's writable memory, in whole pages.
struct Piece {
    std::uint64_t address = 0;
    std::uint64_t length = 0;
    std::uint64_t offset = 0;  // in its file
    Content content = Content::zero;
    bool executable = false;

    std::uint64_t end() const noexcept { return address + length; }
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

// Immutable but for the hint; shared by all cells that started from it.
struct MemoryImage {
    std::shared_ptr<const GuestImage> program;
    MemorySizes sizes{};
    std::optional<MemoryFile> state;  // of pieces whose content it is; none before a state was saved
    std::vector<Piece> pieces;        // all writable memory of a cell, by address
    std::uint64_t instruction = 0;    // where the guest starts; 0: it goes on after its hypercall
    std::uint64_t stack_pointer = 0;
    mutable HotPages hot{};
};

// The state before the program's first instruction. Fails with `invalid_argument` for sizes that are not whole pages
// or exceed the layout's limits.
Result<std::shared_ptr<const MemoryImage>> initial_state(std::shared_ptr<const GuestImage> program, MemorySizes sizes);

// As many pieces as a state may have for its own: as many as a program has segments.
inline constexpr std::size_t kMaxSavedPieces = GuestImage::kMaxFrozenSegments;

// A state of a program in which these pieces of its memory come from the state's file, one after the other from its beginning, and
// the rest is as in the initial state. They have to be ordered by address, each within one writable piece of it. Null if they are not.
std::shared_ptr<MemoryImage> saved_state(std::shared_ptr<const GuestImage> program, MemorySizes sizes,
                                         std::uint64_t stack_pointer, std::span<const Piece> saved);

// What of an image's memory is saved, in the order of its file.
std::vector<Piece> saved_pieces(const MemoryImage& image);

}  // namespace curfew::cell

#endif
