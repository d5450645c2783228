#include "cell/process/reset_plan.h"

#include <algorithm>

#include "cell/process/cell_request.h"
#include "cell/process/shared/address_space.h"
#include "cell/process/shared/launch.h"

namespace curfew::cell {

namespace {

constexpr std::uint64_t kSmall = 64 * wire::kPageSize;
constexpr unsigned kLeastInterval = 16, kMostInterval = 1024;
constexpr std::size_t kReserved = std::size_t{2} * kMaxMappings;  // steps for what is dropped whole

// Pages of zeros that every cell has; see x86_64/trampoline.h.
constexpr std::uint64_t kZeros = kTrampolineBase + wire::kPageSize;
constexpr std::uint64_t kZerosLength = kTrampolineSize - wire::kPageSize;

}  // namespace

bool ResetPlan::small() const noexcept { return exact_ && written_ <= kSmall; }

void ResetPlan::make(const MemoryImage& image, WrittenPages& written, std::size_t most) {
    steps_.clear();
    written_ = 0;
    after_faults_ = true;
    exact_ = written.of_large_ranges() && list_written(image, written, most);
    if (exact_) {
        review();
    } else {
        steps_.clear();
        list_all(image, written, most);
    }
    drops_ = std::ranges::any_of(steps_, [](const ResetStep& step) { return step.from == 0; });
    if (drops_) faults_.reset();
}

bool ResetPlan::list_written(const MemoryImage& image, WrittenPages& written, std::size_t most) {
    // After a drop the count is sure to have changed, and is not worth asking for.
    const std::optional<std::uint64_t> faults = drops_ ? std::nullopt : written.faults();
    after_faults_ = !faults || faults != faults_;
    if (after_faults_) {
        faults_.reset();
        if (!look(image, written, most)) return false;
        faults_ = faults;
    }
    for (const Run& run : runs_) {
        written_ += run.length;
        if (run.address == kSignalStackBase) {
            drop(kSignalStackBase, kSignalStackSize);
        } else {
            restore(image, run.address, run.address + run.length);
        }
        if (steps_.size() + kReserved >= most) return false;
    }
    return true;
}

void ResetPlan::make_whole(const MemoryImage& image) {
    steps_.clear();
    exact_ = false;
    drop(kSignalStackBase, kSignalStackSize);
    for (const Segment& segment : image.program->segments()) {
        if (!segment.writable) drop(segment.address, segment.length);
    }
    // Neighbours in one go.
    for (auto piece = image.pieces.begin(); piece != image.pieces.end();) {
        const std::uint64_t begin = piece->address;
        std::uint64_t end = piece->end();
        for (++piece; piece != image.pieces.end() && piece->address == end; ++piece) end = piece->end();
        drop(begin, end - begin);
    }
}

// What a guest can write of its own lies on the signal stack, and in the pieces of its memory. What lies between them is looked
// through as well unless it is much: that costs little where nothing is mapped, and each look costs something by itself. Looking
// through the text of a linked program, though, would cost more than all the rest.
bool ResetPlan::look(const MemoryImage& image, WrittenPages& written, std::size_t most) {
    constexpr std::uint64_t kMuch = 1 << 30;
    runs_.clear();
    std::uint64_t signal_stack = 0;
    const bool known = written.each_range(kSignalStackBase, kSignalStackSize, [&](std::uint64_t, std::uint64_t length) {
        signal_stack += length;
        return true;
    });
    if (!known) return false;
    if (signal_stack != 0) runs_.push_back({kSignalStackBase, signal_stack});

    for (auto piece = image.pieces.begin(); piece != image.pieces.end();) {
        const std::uint64_t begin = piece->address;
        std::uint64_t end = piece->end();
        for (++piece; piece != image.pieces.end() && piece->address - end < kMuch; ++piece) end = piece->end();
        const bool all = written.each_range(begin, end - begin, [&](std::uint64_t address, std::uint64_t length) {
            runs_.push_back({address, length});
            return runs_.size() < most;
        });
        if (!all) return false;
    }
    return true;
}

void ResetPlan::list_all(const MemoryImage& image, WrittenPages& written, std::size_t most) {
    for (const Piece& piece : image.pieces) {
        if (piece.content == Content::zero) {
            drop(piece.address, piece.length);
            continue;
        }
        const std::size_t before = steps_.size();
        const bool known =
            written.each_range(piece.address, piece.length, [&](std::uint64_t address, std::uint64_t length) {
                restore(image, address, address + length);
                return steps_.size() + kReserved < most;
            });
        if (!known) {
            steps_.resize(before);
            drop(piece.address, piece.length);
        }
    }
    drop(kSignalStackBase, kSignalStackSize);
}

// Pages that were written, some of which may have a saved state. What lies in none of the pieces was not written by the guest,
// and stays: the trampoline's page, say, between those of a frozen program.
void ResetPlan::restore(const MemoryImage& image, std::uint64_t address, std::uint64_t end) {
    auto piece = std::ranges::upper_bound(image.pieces, address, {}, &Piece::end);
    for (; piece != image.pieces.end() && piece->address < end; ++piece) {
        const std::uint64_t from = std::max(address, piece->address);
        const std::uint64_t to = std::min(end, piece->end());
        if (piece->content == Content::zero) {
            clear(from, to);
        } else {
            steps_.push_back({.to = from,
                              .from = pristine_base(piece->content) + piece->offset + (from - piece->address),
                              .length = to - from});
        }
    }
}

void ResetPlan::clear(std::uint64_t address, std::uint64_t end) {
    if (end - address > kSmall) return drop(address, end - address);
    for (; address < end; address += std::min(kZerosLength, end - address)) {
        steps_.push_back({.to = address, .from = kZeros, .length = std::min(kZerosLength, end - address)});
    }
}

void ResetPlan::drop(std::uint64_t address, std::uint64_t length) {
    const std::uint64_t most = address < kTrampolineBase ? kLargestLowDrop : length;
    for (; length > most; address += most, length -= most) steps_.push_back({.to = address, .from = 0, .length = most});
    if (length != 0) steps_.push_back({.to = address, .from = 0, .length = length});
}

void ResetPlan::review() {
    if (written_before_drop_ != 0) {
        const bool of_use = written_ < written_before_drop_ / 2;
        interval_ = of_use ? kLeastInterval : std::min(2 * interval_, kMostInterval);
        written_before_drop_ = 0;
        large_plans_ = 0;
    }
    if (written_ <= kSmall || ++large_plans_ < interval_) return;
    written_before_drop_ = written_;
    for (ResetStep& step : steps_) step.from = 0;
}

}  // namespace curfew::cell
