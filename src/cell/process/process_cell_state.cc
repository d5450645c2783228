// The state of a process cell: going back to the one it started from, and saving the one it is in.
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "cell/failure.h"
#include "cell/process/process_cell.h"
#include "cell/process/waiting.h"

namespace curfew::cell {

namespace {

std::uint64_t page_down(std::uint64_t address) { return address / wire::kPageSize * wire::kPageSize; }

}  // namespace

// A guest that waits in the trampoline, by the kernel's word, goes on there and nowhere else, so it need not be stopped; see
// docs/design/cell.md. Any other is halted first, whatever it is doing: the trampoline then waits likewise. Either way the
// guest does not run before the reset is done, and nobody but the host writes to the mailbox.
Result<void> ProcessCell::reset() {
    if (auto started = ensure_started(); !started) return started;
    if (resets_first_ && !interrupted()) return {};  // nothing has run since
    resets_first_ = false;
    const bool parked = parks();
    if (!parked) {
        interrupt();
        constexpr auto* kNoReaction = "the cell did not react to a reset within a second and was killed";
        if (!await_acknowledgement(ticket_.load(std::memory_order_acquire), kInterruptLimit, kNoReaction)) {
            return fail(ErrorCode::guest_abort, death_);
        }
    }
    learn_hot_pages();
    wipe_mailbox();
    plan_.make(*image_, written_, window().size() / sizeof(wire::ResetStep));
    wire::Mailbox& shared = mailbox();
    if (!parked || !plan_.small() || plan_.steps().size() > std::size(shared.plan)) return reset_now();
    std::atomic_ref(shared.host_sleeps).store(0, std::memory_order_relaxed);  // what the guest left there
    put_plan(shared.plan, wire::kMailboxBase + CURFEW_MAILBOX_PLAN, CURFEW_COMMAND_RESET_AND_RUN);
    resets_first_ = true;
    parked_at_ = coarse_now();
    return {};
}

// True if the guest waits for its turn in the one place where it can wait: the kernel counts its waiters on a word that
// only the cell's one thread waits for now, and the filter lets that thread wait nowhere else.
bool ProcessCell::parks() noexcept {
    constexpr unsigned kYields = 2;  // it may be on its way there
    for (unsigned round = 0; !interrupted(); ++round) {
        if (waiters() == 1) return true;
        if (round == kYields || spins_) return false;
        ::sched_yield();
    }
    return false;
}

void ProcessCell::put_plan(wire::ResetStep* to, std::uint64_t address, std::uint32_t command) noexcept {
    std::ranges::copy(plan_.steps(), to);
    wire::Mailbox& shared = mailbox();
    shared.reset_plan = address;
    shared.reset_steps = plan_.steps().size();
    shared.command = command;
    shared.guest_spins = 0;  // what the guest left there could keep it spinning for minutes
    // If it waits, it may have left there that it does not.
    std::atomic_ref(shared.guest_sleeps).store(1, std::memory_order_relaxed);
}

// Has the plan carried out, and waits for that.
Result<void> ProcessCell::reset_now() {
    put_plan(reinterpret_cast<wire::ResetStep*>(window().data()), wire::kWindowBase, CURFEW_COMMAND_RESET);
    return complete_reset();
}

Result<void> ProcessCell::complete_reset() {
    wire::Mailbox& shared = mailbox();
    ticket_.store(0, std::memory_order_release);
    std::atomic_ref(shared.host_sleeps).store(0, std::memory_order_relaxed);
    std::atomic_ref(shared.turn).store(CURFEW_TURN_RESET, std::memory_order_seq_cst);
    futex_wake(&shared.turn, 1);
    const auto deadline = Clock::now() + memory_limit(image_->sizes);
    spins_ = false;
    const std::uint32_t now = await_turn(CURFEW_TURN_RESET, deadline);
    if (now == CURFEW_TURN_RESET && !process_.dead()) die("the cell did not complete a reset in time and was killed");
    if (!death_.empty() || sort_out(now) == Stop::died) return fail(ErrorCode::guest_abort, death_);
    if (interrupted())
        return fail(ErrorCode::guest_abort, "the cell was interrupted while it was reset: reset it again");
    shared.command = CURFEW_COMMAND_RUN;
    parked_at_ = coarse_now();
    return {};
}

void ProcessCell::learn_hot_pages() noexcept {
    if (!image_->state || image_->hot.known()) return;
    HotPages::Ranges ranges;
    std::uint64_t size = 0;
    for (const SavedPiece& piece : image_->pieces) {
        written_.each_range(piece.address, piece.length, [&](std::uint64_t address, std::uint64_t length) {
            if (ranges.size() == HotPages::kMaxRanges) return false;
            size += length;
            ranges.push_back({address, length});
            return true;
        });
    }
    if (size <= HotPages::kMaxSize) image_->hot.learn(std::move(ranges));
}

// What an invocation left in the mailbox is not for the next one. The trampoline and the host write the first four words
// again before they read them.
void ProcessCell::wipe_mailbox() noexcept {
    wire::Mailbox& shared = mailbox();
    std::ranges::fill(mailbox_.bytes().first(wire::kPageSize).subspan(CURFEW_MAILBOX_ACKNOWLEDGED), std::byte{0});
    shared.stack_pointer = image_->stack_pointer;
    shared.heap_size = image_->sizes.heap;
    shared.stack_size = image_->sizes.stack;

    // Messages were mostly short: then the window's first page is cleared, and the file is rid of the others, whether they
    // were used or not. Clearing all would make them take memory, and dropping those in use costs page faults.
    const auto shown = window();
    const std::uint64_t kept = std::exchange(window_used_, 0) <= wire::kPageSize ? wire::kPageSize : shown.size();
    std::ranges::fill(shown.first(kept), std::byte{0});
    const auto rest = shown.subspan(kept);
    if (!rest.empty() && ::madvise(rest.data(), rest.size(), MADV_REMOVE) != 0) std::ranges::fill(rest, std::byte{0});
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
    if (std::exchange(resets_first_, false) && !interrupted()) {
        shared.command = CURFEW_COMMAND_RESET;
        if (auto done = complete_reset(); !done) return std::unexpected(done.error());
    }
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
