// ProcessCell: saving its state, and what is known of the pages that it writes.
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "cell/failure.h"
#include "cell/process/cell_request.h"
#include "cell/process/process_cell.h"
#include "cell/process/waiting.h"

namespace curfew::cell {

using std::chrono::nanoseconds;

Result<std::shared_ptr<const MemoryImage>> ProcessCell::snapshot() {
    if (auto started = ensure_started(); !started) return std::unexpected(started.error());
    if (!wake()) return fail(ErrorCode::guest_abort, death_.text);
    HandshakeWords& shared = words();
    if (std::exchange(resets_first_, false) && !interrupted()) {
        shared.command = CURFEW_COMMAND_RESET;
        if (auto done = complete_reset(); !done) return std::unexpected(done.error());
    }
    const std::uint64_t stack_pointer = std::atomic_ref(shared.stack_pointer).load(std::memory_order_relaxed);
    const bool waits = entered_ || image_->instruction == 0;  // in its hypercall, to all appearances
    auto saved = !waits || interrupted() || handshake_.turn() != CURFEW_TURN_HOST
                     ? nullptr
                     : saved_state(image_->program, image_->sizes, stack_pointer, pieces_to_save(stack_pointer));
    if (!saved) {
        return fail(ErrorCode::guest_abort, "no snapshot could be taken: the cell is not waiting for a call");
    }
    const std::vector<Piece> pieces = saved_pieces(*saved);
    auto file = MemoryFile::create("curfew-snapshot", pieces.back().offset + pieces.back().length);
    if (!file) return std::unexpected(file.error());
    handshake_.choose_place();
    const nanoseconds cpu_deadline = used() + memory_limit(image_->sizes);
    for (const Piece& piece : pieces) {
        if (auto copied = copy_out(*file, piece, cpu_deadline); !copied) return std::unexpected(copied.error());
    }
    if (auto sealed = file->seal(); !sealed) return std::unexpected(sealed.error());
    saved->state = std::move(*file);
    // All that was written is in the new state, which whoever starts from it can read. Not so what was written before a
    // reset: its pages are still the cell's own, and would tell of it. And a program's start writes more than its calls do.
    if (image_->state && !was_reset_) saved->hot.learn(hot_pages_of(*saved));
    // The window is larger than most messages; do not keep all of it in memory.
    ::madvise(whole_window().data(), whole_window().size(), MADV_REMOVE);
    rest_.note_end_of_turn();
    return saved;
}

// Of a linked program's guest its own word is taken for how far heap and stack reach: what lies beyond is not saved, and is zero
// for itself. A frozen one has memory in many places, of which the kernel tells what was written; what its own image held
// beyond that is saved again. None if it is not parked where it can be saved.
std::vector<Piece> ProcessCell::pieces_to_save(std::uint64_t stack_pointer) {
    constexpr std::size_t kWorthwhile = 48;
    if (!image_->program->frozen()) {
        const std::uint64_t extent = std::atomic_ref(mailbox().heap.extent).load(std::memory_order_relaxed);
        return parked_pieces(*image_, stack_pointer, extent);
    }
    const auto holds_stack = [&](const Piece& piece) {
        return stack_pointer % 8 == 0 && stack_pointer >= piece.address && stack_pointer < piece.end();
    };
    if (std::ranges::none_of(image_->pieces, holds_stack)) return {};
    std::vector<Piece> changed = saved_pieces(*image_);
    for (const Piece& piece : image_->pieces) {
        const bool known =
            written_.each_range(piece.address, piece.length, [&](std::uint64_t address, std::uint64_t length) {
                changed.push_back({.address = address, .length = length});
                return true;
            });
        if (!known) return {};
    }
    std::ranges::sort(changed, {}, &Piece::address);
    const auto first = initial_state(image_->program, image_->sizes);
    return first ? joined(std::move(changed), (*first)->pieces, kWorthwhile) : std::vector<Piece>();
}

void ProcessCell::teach_hot_pages() {
    if (started_ && !death_ && !was_reset_) image_->hot.learn(hot_pages_of(*image_));
}

// What of the image's pieces the cell has written. None, if that is more than is worth giving to every new cell.
HotPages::Ranges ProcessCell::hot_pages_of(const MemoryImage& image) {
    HotPages::Ranges ranges;
    std::uint64_t size = 0;
    for (const Piece& piece : image.pieces) {
        if (piece.content == Content::zero) continue;
        written_.each_range(piece.address, piece.length, [&](std::uint64_t address, std::uint64_t length) {
            if (ranges.size() == HotPages::kMaxRanges) return false;
            size += length;
            ranges.push_back({address, length});
            return true;
        });
    }
    if (size > HotPages::kMaxSize) ranges.clear();
    return ranges;
}

// A guest that is not where it should be can delay each piece, but not for long without using the CPU.
Result<void> ProcessCell::copy_out(MemoryFile& file, const Piece& piece, nanoseconds cpu_deadline) {
    HandshakeWords& shared = words();
    for (std::uint64_t done = 0; done < piece.length;) {
        const std::uint64_t chunk = std::min(piece.length - done, wire::kWindowSize);
        shared.command = CURFEW_COMMAND_COPY;
        shared.copy_source = piece.address + done;
        shared.copy_length = chunk;
        const auto deadline = Clock::now() + kCopyLimit;
        const std::uint32_t turn = handshake_.give(deadline);
        const bool late =
            !interrupted() && (used() >= cpu_deadline || (turn == handshake_.guest_turn() && Clock::now() >= deadline));
        const Stop stop =
            late ? die({DeathKind::no_reaction, "the guest did not show its memory in time, and was killed"})
                 : sort_out(turn);
        shared.command = CURFEW_COMMAND_RUN;
        if (stop != Stop::called_out) {
            return fail(ErrorCode::guest_abort,
                        "no snapshot could be taken: " + (death_ ? death_.text : "the cell was interrupted"));
        }
        if (auto written = file.write(piece.offset + done, whole_window().first(chunk)); !written) return written;
        done += chunk;
    }
    return {};
}

}  // namespace curfew::cell
