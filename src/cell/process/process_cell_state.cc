// The state of a process cell: going back to the one it started from, and saving the one it is in.
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "cell/failure.h"
#include "cell/process/process_cell.h"
#include "cell/process/waiting.h"

namespace curfew::cell {

namespace {

std::uint64_t page_down(std::uint64_t address) { return address / wire::kPageSize * wire::kPageSize; }

}  // namespace

// First halts the guest, whatever it is doing, in the trampoline, which then waits for the plan of the reset. The guest
// does not run before that is done, so from the acknowledgement on nobody but the host writes to the mailbox.
Result<void> ProcessCell::reset() {
    if (auto started = ensure_started(); !started) return started;
    interrupt();
    constexpr auto* kNoReaction = "the cell did not react to a reset within a second and was killed";
    if (!await_acknowledgement(ticket_.load(std::memory_order_acquire), kInterruptLimit, kNoReaction)) {
        return fail(ErrorCode::guest_abort, death_);
    }
    wire::Mailbox& shared = mailbox();
    const std::atomic_ref<std::uint32_t> turn(shared.turn);

    learn_hot_pages();
    shared.reset_steps =
        plan_reset({reinterpret_cast<wire::ResetStep*>(window().data()), window().size() / sizeof(wire::ResetStep)});
    shared.command = CURFEW_COMMAND_RUN;
    shared.guest_spins = 0;  // what the guest left there could keep it spinning for minutes
    shared.guest_sleeps = 0;
    ticket_.store(0, std::memory_order_release);
    std::atomic_ref(shared.host_sleeps).store(0, std::memory_order_relaxed);
    turn.store(CURFEW_TURN_RESET, std::memory_order_seq_cst);
    futex_wake(&shared.turn, 1);
    const auto deadline = Clock::now() + memory_limit(image_->sizes);
    spins_ = false;
    const std::uint32_t now = await_turn(CURFEW_TURN_RESET, deadline);
    if (now == CURFEW_TURN_RESET && !process_.dead()) die("the cell did not complete a reset in time and was killed");
    if (!death_.empty() || sort_out(now) == Stop::died) return fail(ErrorCode::guest_abort, death_);
    if (interrupted())
        return fail(ErrorCode::guest_abort, "the cell was interrupted while it was reset: reset it again");
    parked_at_ = coarse_now();
    wipe_mailbox();
    return {};
}

// Pages with a saved state get it back by copying, which is faster than dropping them and taking page faults later; and
// only those that the kernel says were written. All others are dropped. Returns the number of steps.
std::size_t ProcessCell::plan_reset(std::span<wire::ResetStep> steps) noexcept {
    std::size_t count = 0;
    auto drop = [&](std::uint64_t address, std::uint64_t length) {
        if (length != 0) steps[count++] = {.to = address, .from = 0, .length = length};
    };
    std::uint64_t heap_saved = 0;
    std::uint64_t stack_saved = 0;
    for (const SavedPiece& piece : image_->pieces) {
        if (piece.address == wire::kHeapBase) heap_saved = piece.length;
        if (piece.address + piece.length == wire::kStackTop) stack_saved = piece.length;
        const std::size_t before = count;
        const bool known =
            written_.each_range(piece.address, piece.length, [&](std::uint64_t address, std::uint64_t length) {
                constexpr std::size_t kReserved = 16;  // for what is dropped
                if (count + kReserved >= steps.size()) return false;
                steps[count++] = {.to = address, .from = address + wire::kPristineOffset, .length = length};
                return true;
            });
        if (!known) {
            count = before;
            drop(piece.address, piece.length);
        }
    }
    drop(wire::kHeapBase + heap_saved, image_->sizes.heap - heap_saved);
    drop(wire::kStackTop - image_->sizes.stack, image_->sizes.stack - stack_saved);
    drop(wire::kSignalStackBase, wire::kSignalStackSize);
    return count;
}

// Only what a short invocation writes is worth giving to every new cell.
void ProcessCell::learn_hot_pages() noexcept {
    constexpr std::uint64_t kMaxHotSize = 128 * wire::kPageSize;
    if (!image_->state || image_->hot.known()) return;
    HotPages::Ranges ranges;
    std::uint64_t size = 0;
    for (const SavedPiece& piece : image_->pieces) {
        written_.each_range(piece.address, piece.length, [&](std::uint64_t address, std::uint64_t length) {
            size += length;
            ranges.push_back({address, length});
            return ranges.size() < kMaxHotRanges;
        });
    }
    if (size <= kMaxHotSize) image_->hot.learn(std::move(ranges));
}

// What an invocation left in the mailbox is not for the next one. The trampoline has just set the stack pointer, and it
// and the host write the first four words again before they read them.
void ProcessCell::wipe_mailbox() noexcept {
    wire::Mailbox& shared = mailbox();
    const std::uint64_t stack_pointer = shared.stack_pointer;
    std::ranges::fill(mailbox_.bytes().first(wire::kPageSize).subspan(CURFEW_MAILBOX_ACKNOWLEDGED), std::byte{0});
    shared.stack_pointer = stack_pointer;
    shared.heap_size = image_->sizes.heap;
    shared.stack_size = image_->sizes.stack;

    // Pages of the window that are in memory are cleared. Of the others, which were never used or are swapped out, the
    // file is rid: reading them would make them take memory.
    const auto shown = window();
    std::array<unsigned char, wire::kWindowSize / wire::kPageSize> resident{};
    if (::mincore(shown.data(), shown.size(), resident.data()) != 0) resident.fill(1);
    for (std::size_t first = 0, last = 0; first < resident.size(); first = last) {
        const bool present = (resident[first] & 1) != 0;
        while (last < resident.size() && ((resident[last] & 1) != 0) == present) ++last;
        const auto pages = shown.subspan(first * wire::kPageSize, (last - first) * wire::kPageSize);
        if (present || ::madvise(pages.data(), pages.size(), MADV_REMOVE) != 0) std::ranges::fill(pages, std::byte{0});
    }
}

// A guest that is not where it should be can delay each piece, but not for long without using the CPU.
Result<void> ProcessCell::copy_out(MemoryFile& file, const SavedPiece& piece, std::chrono::nanoseconds cpu_deadline) {
    wire::Mailbox& shared = mailbox();
    for (std::uint64_t done = 0; done < piece.length;) {
        const std::uint64_t chunk = std::min(piece.length - done, wire::kWindowSize);
        shared.command = CURFEW_COMMAND_COPY;
        shared.copy_source = piece.address + done;
        shared.copy_length = chunk;
        const auto deadline = Clock::now() + kCopyLimit;
        const std::uint32_t turn = exchange(deadline);
        const bool late = !interrupted() && (read_clock(cpu_clock()) >= cpu_deadline ||
                                             (turn == guest_turn() && Clock::now() >= deadline));
        const Stop stop = late ? die("the guest did not show its memory in time, and was killed") : sort_out(turn);
        shared.command = CURFEW_COMMAND_RUN;
        if (stop != Stop::called_out) {
            return fail(ErrorCode::guest_abort,
                        "no snapshot could be taken: " + (death_.empty() ? "the cell was interrupted" : death_));
        }
        if (auto written = file.write(piece.offset + done, window().first(chunk)); !written) return written;
        done += chunk;
    }
    return {};
}

Result<std::shared_ptr<const MemoryImage>> ProcessCell::snapshot() {
    if (auto started = ensure_started(); !started) return std::unexpected(started.error());
    wire::Mailbox& shared = mailbox();
    const std::uint64_t stack_pointer = std::atomic_ref(shared.stack_pointer).load(std::memory_order_relaxed);
    const std::uint64_t extent = std::atomic_ref(shared.heap.extent).load(std::memory_order_relaxed);
    if (interrupted() || std::atomic_ref(shared.turn).load(std::memory_order_acquire) != CURFEW_TURN_HOST ||
        stack_pointer < wire::kStackTop - image_->sizes.stack || stack_pointer >= wire::kThreadArea ||
        stack_pointer % 8 != 0 || extent > image_->sizes.heap) {
        return fail(ErrorCode::guest_abort, "no snapshot could be taken: the cell is not waiting for a call");
    }

    auto saved = std::make_shared<MemoryImage>();
    saved->program = image_->program;
    saved->sizes = image_->sizes;
    saved->stack_pointer = stack_pointer;
    std::uint64_t size = 0;
    auto keep = [&](std::uint64_t address, std::uint64_t length) {
        if (length != 0) saved->pieces.push_back({address, length, size});
        size += length;
    };
    for (const Segment& segment : image_->program->segments()) {
        if (segment.writable) keep(segment.address, segment.length);
    }
    keep(wire::kHeapBase, page_down(extent + wire::kPageSize - 1));
    keep(page_down(stack_pointer), wire::kStackTop - page_down(stack_pointer));

    auto file = MemoryFile::create("curfew-snapshot", size);
    if (!file) return std::unexpected(file.error());
    choose_place();
    const std::chrono::nanoseconds cpu_deadline = read_clock(cpu_clock()) + memory_limit(image_->sizes);
    for (const SavedPiece& piece : saved->pieces) {
        if (auto copied = copy_out(*file, piece, cpu_deadline); !copied) return std::unexpected(copied.error());
    }
    if (auto sealed = file->seal(); !sealed) return std::unexpected(sealed.error());
    saved->state = std::move(*file);
    // The window is larger than most messages; do not keep all of it in memory.
    ::madvise(window().data(), window().size(), MADV_REMOVE);
    return saved;
}

std::uint64_t ProcessCell::pages_written() const noexcept {
    std::array<char, 64> path{};
    std::snprintf(path.data(), path.size(), "/proc/%d/statm", process_.pid());
    const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.data(), "re"), &std::fclose);
    unsigned long size = 0, resident = 0, shared = 0;
    if (!file || std::fscanf(file.get(), "%lu %lu %lu", &size, &resident, &shared) != 3 || shared > resident) return 0;
    constexpr std::uint64_t kTrampolinePages = 2;  // its own page and the signal stack's first
    const std::uint64_t anonymous = resident - shared;
    return anonymous > kTrampolinePages ? anonymous - kTrampolinePages : 0;
}

}  // namespace curfew::cell
