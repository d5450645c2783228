#include "cell/process/process_cell.h"

#include <linux/futex.h>
#include <signal.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <thread>
#include <utility>

#include "cell/cgroup.h"
#include "cell/failure.h"
#include "cell/process/cell_request.h"
#include "cell/process/fault_report.h"
#include "cell/process/layers.h"
#include "cell/process/waiting.h"

namespace curfew::cell {

using std::chrono::nanoseconds;

// --- Life and death ---

Result<std::unique_ptr<ProcessCell>> ProcessCell::spawn(std::shared_ptr<const MemoryImage> image,
                                                        const CellOptions& options) {
    auto file = MemoryFile::create("curfew-mailbox", wire::kMailboxSize);
    if (!file) return std::unexpected(file.error());
    SharedMapping mapping(file->descriptor(), wire::kMailboxSize);
    if (!mapping) return unavailable("mapping a cell's mailbox", errno, "Free some memory, or raise vm.max_map_count.");
    const auto barrier = puts_up_branch_barrier(options.branch_barrier);
    if (!barrier) return std::unexpected(barrier.error());
    LaunchRequest request = cell_request(*image, options);
    request.branch_barrier = *barrier;
    auto process = Spawner::instance().spawn(request, cell_files(*image, file->descriptor()));
    if (!process) return std::unexpected(process.error());
    if (options.cgroup != nullptr) {
        if (auto added = options.cgroup->add(process->pid()); !added) return std::unexpected(added.error());
    }
    std::unique_ptr<ProcessCell> cell(
        new ProcessCell(std::move(image), std::move(mapping), std::move(*process), options));
    // What the machine does not allow, it does not allow the first cell either. So later ones need not wait here.
    static std::array<std::atomic<bool>, 4> proven_by_kind{};
    std::atomic<bool>& proven = proven_by_kind[(options.coarse_time ? 1U : 0U) + (*barrier ? 2U : 0U)];
    if (!proven.load(std::memory_order_relaxed)) {
        if (auto started = cell->ensure_started(); !started) return std::unexpected(started.error());
        proven.store(true, std::memory_order_relaxed);
    }
    return cell;
}

ProcessCell::ProcessCell(std::shared_ptr<const MemoryImage> image, SharedMapping mailbox, CellProcess process,
                         const CellOptions& options)
    : image_(std::move(image)),
      leaves_nothing_(options.leaves_nothing),
      cgroup_(options.cgroup),
      mailbox_(std::move(mailbox)),
      process_(std::move(process)),
      handshake_(words(), process_, options.handover),
      rest_(handshake_, process_),
      written_(process_.pid()) {
    wire::Mailbox& shared = this->mailbox();
    shared.heap_size = image_->sizes.heap;
    shared.stack_size = image_->sizes.stack;
}

Result<void> ProcessCell::ensure_started() {
    constexpr auto kStartLimit = std::chrono::seconds(10);
    if (death_) return fail(ErrorCode::guest_abort, death_.text);
    if (started_) return {};
    const std::uint32_t turn = handshake_.await_start(Clock::now() + kStartLimit);
    if (turn == CURFEW_TURN_HOST || turn == CURFEW_TURN_HALTED) {
        started_ = true;
        return {};
    }
    if (turn == Handshake::kStarting && interrupted()) {
        die({DeathKind::no_reaction, "the cell was interrupted before it had started, and was killed"});
        return fail(ErrorCode::guest_abort, death_.text);
    }
    // No code of the guest has run yet, so what stands in the mailbox is true.
    if (turn == CURFEW_TURN_FAULTED) {
        die(explain_end());
    } else if (ended_for_want_of_memory()) {
        die(without_memory());
    } else {
        die({DeathKind::unavailable,
             "no isolation is available here: a cell ended before it was ready. Perhaps there was too little memory, "
             "or "
             "somebody killed it; run `curfew doctor` to see what this machine offers."});
    }
    return fail(ErrorCode::unavailable, death_.text);
}

// What a guest was found to do, or to have done, that ends its cell.
Death ProcessCell::describe(DeathKind found) {
    if (found == DeathKind::ran_on) {
        return {found, "the guest went on running after it had given up its turn, and was killed"};
    }
    return {DeathKind::protocol, "the guest broke the call protocol"};
}

Stop ProcessCell::die(Death death) {
    process_.kill();
    death_ = std::move(death);
    return Stop::died;
}

bool ProcessCell::ended_for_want_of_memory() noexcept {
    return cgroup_ != nullptr && process_.dead() && cgroup_->take_oom_kill();
}

Death ProcessCell::without_memory() const {
    return {DeathKind::no_memory,
            "the kernel ended the cell for want of memory; memory.max of its cgroup is " + cgroup_->memory_text()};
}

Death ProcessCell::explain_end() {
    if (rest_.found() != DeathKind::none) return describe(rest_.found());
    if (handshake_.turn() == CURFEW_TURN_FAULTED) {
        Fault fault = words().fault;
        // A guest that has run may say what it likes, but not that it never did.
        constexpr std::uint32_t kNoSignal = ~std::uint32_t{0};
        if (started_ && is_launch_failure(fault)) fault.signal = kNoSignal;
        const DeathKind kind = is_launch_failure(fault) ? DeathKind::unavailable
                               : fault.signal == SIGSYS ? DeathKind::refused_call
                                                        : DeathKind::fault;
        const bool linked = !image_->program->frozen();
        return {kind, describe_fault(fault, linked ? std::optional(image_->sizes) : std::nullopt)};
    }
    if (ended_for_want_of_memory()) return without_memory();
    return {DeathKind::killed, "the cell was killed from outside, perhaps because the machine ran out of memory"};
}

// --- Taking turns ---

wire::Mailbox& ProcessCell::mailbox() noexcept { return *reinterpret_cast<wire::Mailbox*>(mailbox_.bytes().data()); }

std::span<std::byte, wire::kWindowSize> ProcessCell::whole_window() noexcept {
    return mailbox_.bytes().subspan<wire::kWindowBase - wire::kMailboxBase, wire::kWindowSize>();
}

std::span<std::byte> ProcessCell::window(std::uint64_t bytes) noexcept {
    window_used_ = std::max(window_used_, bytes);
    return whole_window().first(bytes);
}

Stop ProcessCell::resume() {
    const bool was_dead = static_cast<bool>(death_);
    if (!ensure_started()) {
        if (!was_dead && death_.kind == DeathKind::no_reaction) return Stop::interrupted;
        lost_before_entry_ = !started_;
        return Stop::died;
    }
    lost_before_entry_ = false;
    if (!wake()) return Stop::died;
    if (interrupted()) return sort_out(CURFEW_TURN_HALTED);
    if (!survives(rest_.look_if_unwatched())) return Stop::died;
    handshake_.choose_place();
    const bool reset_first = std::exchange(resets_first_, false);
    if (!reset_first) words().command = CURFEW_COMMAND_RUN;
    entered_ = true;
    const Stop stop = sort_out(handshake_.give(Handshake::kForEver));
    rest_.note_end_of_turn();
    if (reset_first && stop == Stop::died) {
        lost_before_entry_ =
            std::atomic_ref(words().command).load(std::memory_order_relaxed) == CURFEW_COMMAND_RESET_AND_RUN;
    }
    return stop;
}

void ProcessCell::rest(nanoseconds cpu_time) noexcept {
    if (!death_ && !interrupted() && started_) rest_.begin(cpu_time);
}

bool ProcessCell::wake() { return !death_ && survives(rest_.end()); }

// False if the guest was found to do what it must not.
bool ProcessCell::survives(DeathKind found) {
    if (found != DeathKind::none) die(describe(found));
    return !death_;
}

// What it means that the turn is now this.
Stop ProcessCell::sort_out(std::uint32_t turn) {
    if (interrupted()) return stop_for_interrupt();
    if (turn == CURFEW_TURN_HOST) return Stop::called_out;
    if (turn == CURFEW_TURN_FAULTED || (turn & FUTEX_OWNER_DIED) != 0 || process_.dead()) return die(explain_end());
    return die(describe(DeathKind::protocol));
}

// The guest is not waited for, since on a busy machine it may take long until it acknowledges: what is pending for it in the
// kernel comes before its next instruction. A reset waits.
Stop ProcessCell::stop_for_interrupt() {
    switch (handshake_.await_stop()) {
        case Handshake::Reaction::acknowledged:
        case Handshake::Reaction::stopped: break;
        case Handshake::Reaction::dead: return die(explain_end());
        case Handshake::Reaction::none: process_.write_down_cpu_time(); break;
    }
    return Stop::interrupted;
}

// Whether an interrupt takes effect. If not, the cell is dead.
bool ProcessCell::halts(const char* if_not) {
    switch (handshake_.await_acknowledgement(kInterruptLimit)) {
        case Handshake::Reaction::acknowledged:
        case Handshake::Reaction::stopped: return true;
        case Handshake::Reaction::dead: die(explain_end()); return false;
        case Handshake::Reaction::none: die({DeathKind::no_reaction, if_not}); return false;
    }
    return false;
}

// --- Going back to the image ---

// A guest that waits in the trampoline, by the kernel's word, goes on there and nowhere else, so it need not be stopped; see
// docs/design/cell.md. Any other is halted first, whatever it is doing: the trampoline then waits likewise. Either way the
// guest does not run before the reset is done, and nobody but the host writes to the mailbox.
Result<void> ProcessCell::reset() {
    if (auto started = ensure_started(); !started) return started;
    if (!wake()) return fail(ErrorCode::guest_abort, death_.text);
    if (resets_first_ && !interrupted()) return {};  // nothing has run since
    resets_first_ = false;
    const bool parked = parks();
    if (!parked) {
        interrupt();
        constexpr auto* kNoReaction = "the cell did not react to a reset within a second and was killed";
        if (!halts(kNoReaction)) return fail(ErrorCode::guest_abort, death_.text);
    }
    was_reset_ = true;
    entered_ = false;
    if (leaves_nothing_) {
        plan_.make_whole(*image_);
    } else {
        plan_.make(*image_, written_, whole_window().size() / sizeof(ResetStep));
    }
    wipe_mailbox();
    HandshakeWords& shared = words();
    if (!parked || !plan_.small() || plan_.steps().size() > std::size(shared.plan)) {
        if (auto done = reset_now(); !done) return done;
        // Nothing is left to do in the next turn, but it tells whether the guest was entered.
        shared.reset_plan = shared.reset_steps = 0;
        shared.command = CURFEW_COMMAND_RESET_AND_RUN;
        resets_first_ = true;
        return {};
    }
    std::atomic_ref(shared.host_sleeps).store(0, std::memory_order_relaxed);  // what the guest left there
    put_plan(shared.plan, CURFEW_HANDSHAKE + CURFEW_HANDSHAKE_PLAN, CURFEW_COMMAND_RESET_AND_RUN);
    resets_first_ = true;
    rest_.note_end_of_turn();
    return {};
}

// True if the guest waits for its turn in the one place where it can wait: the kernel counts its waiters on a word that
// only the cell's one thread waits for now, and the filter lets that thread wait nowhere else.
bool ProcessCell::parks() noexcept {
    constexpr unsigned kYields = 2;  // it may be on its way there
    for (unsigned round = 0; !interrupted(); ++round) {
        if (handshake_.waiters() == 1) return true;
        if (round == kYields || handshake_.spins()) return false;
        ::sched_yield();
    }
    return false;
}

void ProcessCell::put_plan(ResetStep* to, std::uint64_t address, std::uint32_t command) noexcept {
    std::ranges::copy(plan_.steps(), to);
    HandshakeWords& shared = words();
    shared.reset_plan = address;
    shared.reset_steps = plan_.steps().size();
    shared.command = command;
    shared.guest_spins = 0;  // what the guest left there could keep it spinning for minutes
    // If it waits, it may have left there that it does not.
    std::atomic_ref(shared.guest_sleeps).store(1, std::memory_order_relaxed);
}

// Has the plan carried out, and waits for that.
Result<void> ProcessCell::reset_now() {
    window_rest_gone_ = false;  // the plan may need it
    put_plan(reinterpret_cast<ResetStep*>(whole_window().data()), wire::kWindowBase, CURFEW_COMMAND_RESET);
    return complete_reset();
}

Result<void> ProcessCell::complete_reset() {
    handshake_.forget_interrupt();
    const std::uint32_t turn = handshake_.order_reset(Clock::now() + memory_limit(image_->sizes));
    if (turn == CURFEW_TURN_RESET && !process_.dead()) {
        die({DeathKind::no_reaction, "the cell did not complete a reset in time and was killed"});
    }
    if (death_ || sort_out(turn) == Stop::died) return fail(ErrorCode::guest_abort, death_.text);
    if (interrupted())
        return fail(ErrorCode::guest_abort, "the cell was interrupted while it was reset: reset it again");
    words().command = CURFEW_COMMAND_RUN;
    rest_.note_end_of_turn();
    return {};
}

// What an invocation left in the mailbox is not for the next one. The trampoline and the host write the handshake's first
// four words again before they read them.
void ProcessCell::wipe_mailbox() noexcept {
    wire::Mailbox& shared = mailbox();
    const auto page = mailbox_.bytes().first(wire::kPageSize);
    std::ranges::fill(page.first(offsetof(wire::Mailbox, back_end)), std::byte{0});
    std::ranges::fill(page.subspan(offsetof(wire::Mailbox, back_end) + CURFEW_HANDSHAKE_ACKNOWLEDGED), std::byte{0});
    words().stack_pointer = image_->stack_pointer;
    shared.heap_size = image_->sizes.heap;
    shared.stack_size = image_->sizes.stack;

    wipe_window();
}

// Messages were mostly short: then the window's first page is cleared, and the file is rid of the others, unless they are
// gone since the last time: the guest can only have got one by a page fault. Clearing all would make them take memory, and
// dropping those in use costs page faults.
void ProcessCell::wipe_window() noexcept {
    const auto shown = whole_window();
    if (std::exchange(window_used_, 0) > wire::kPageSize && !leaves_nothing_) {
        std::ranges::fill(shown, std::byte{0});
        window_rest_gone_ = false;
        return;
    }
    std::ranges::fill(shown.first(wire::kPageSize), std::byte{0});
    if (window_rest_gone_ && !plan_.after_faults()) return;
    const auto rest = shown.subspan(wire::kPageSize);
    window_rest_gone_ = ::madvise(rest.data(), rest.size(), MADV_REMOVE) == 0;
    if (!window_rest_gone_) std::ranges::fill(rest, std::byte{0});
}

// --- What was used ---

std::uint64_t ProcessCell::pages_written() const noexcept {
    constexpr std::uint64_t kTrampolinePages = 2;  // its own page and the signal stack's first
    const std::uint64_t anonymous = process_.anonymous_pages();
    return anonymous > kTrampolinePages ? anonymous - kTrampolinePages : 0;
}

}  // namespace curfew::cell
