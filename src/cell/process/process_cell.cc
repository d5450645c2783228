#include "cell/process/process_cell.h"

#include <linux/futex.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdio>
#include <cstring>
#include <thread>
#include <utility>

#include "cell/failure.h"
#include "cell/process/fault_report.h"
#include "cell/process/waiting.h"

namespace curfew::cell {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// A guest that has given up its turn should sleep. What it burns all the same no call is charged for, so a call that
// finds the cell parked for long, or not looked at for long, looks first whether it does.
constexpr auto kUnwatchedParking = milliseconds(20);
constexpr auto kUnwatched = std::chrono::seconds(1);
constexpr auto kParkingCpuTime = milliseconds(2);  // much more than the trampoline needs from the announcement to sleep

// A call that has not come back by then is a long one; see CellAffinity. A cell that died while it was parked is found
// after as long. Not shorter than the kernel's tick: a wait that ends before the next tick makes the kernel set the
// clock's alarm anew, which costs 17 us on virtual machines, for every call.
constexpr auto kShortCall = milliseconds(10);

// The kernel wakes the host when a cell dies, unless the guest has overwritten the word that tells the kernel to. So a
// waiting host looks for itself now and then.
constexpr auto kLookAround = std::chrono::seconds(1);

constexpr unsigned kSpins = 2000;

// A value that a guest cannot guess, and not zero.
std::uint64_t new_ticket() noexcept {
    std::uint64_t ticket = 0;
    while (::getrandom(&ticket, sizeof ticket, 0) != sizeof ticket || ticket == 0) {
    }
    return ticket;
}

// The turn of a cell that has not parked for the first time: nobody's.
constexpr std::uint32_t kTurnStarting = 0;

// The mailbox; the program's read-only segments; saved data, heap and stack, twice; and the rest of heap and stack.
static_assert(1 + GuestImage::kMaxReadOnlySegments + 2 * 3 + 2 <= kMaxMappings);

LaunchRequest launch_request(const MemoryImage& image) {
    constexpr std::uint32_t kReadWrite = PROT_READ | PROT_WRITE;
    LaunchRequest request{};
    request.kind = LaunchKind::spawn;
    request.instruction = image.instruction;
    request.stack_pointer = image.stack_pointer;
    auto map = [&](std::uint64_t address, std::uint64_t length, std::uint64_t offset, Source source,
                   std::uint32_t protection) {
        if (length != 0) request.mappings[request.mapping_count++] = {address, length, offset, source, protection};
    };
    // First, since a cell that fails later reports in it.
    map(wire::kMailboxBase, wire::kMailboxSize, 0, Source::mailbox, kReadWrite);
    for (const Segment& segment : image.program->segments()) {
        if (segment.writable) continue;
        map(segment.address, segment.length, segment.offset, Source::image,
            static_cast<std::uint32_t>(PROT_READ | (segment.executable ? PROT_EXEC : 0)));
    }
    const std::uint64_t stack_base = wire::kStackTop - image.sizes.stack;
    std::uint64_t heap_saved = 0;
    std::uint64_t stack_saved = 0;
    for (const SavedPiece& piece : image.pieces) {
        map(piece.address, piece.length, piece.offset, Source::state, kReadWrite);
        map(piece.address + wire::kPristineOffset, piece.length, piece.offset, Source::state, PROT_READ);
        if (piece.address == wire::kHeapBase) heap_saved = piece.length;
        if (piece.address + piece.length == wire::kStackTop) stack_saved = piece.length;
    }
    map(wire::kHeapBase + heap_saved, image.sizes.heap - heap_saved, 0, Source::anonymous, kReadWrite);
    map(stack_base, image.sizes.stack - stack_saved, 0, Source::anonymous, kReadWrite);
    if (const auto hot = image.hot.ranges()) {
        for (const HotPages::Range& range : *hot) {
            if (request.hot_count < kMaxHotRanges) request.hot[request.hot_count++] = {range.address, range.length};
        }
    }
    return request;
}

const MemoryFile& state_file(const MemoryImage& image) { return image.state ? *image.state : image.program->file(); }

}  // namespace

Result<std::unique_ptr<ProcessCell>> ProcessCell::spawn(std::shared_ptr<const MemoryImage> image, Handover handover) {
    auto file = MemoryFile::create("curfew-mailbox", wire::kMailboxSize);
    if (!file) return std::unexpected(file.error());
    SharedMapping mapping(file->descriptor(), wire::kMailboxSize);
    if (!mapping) return unavailable("mapping a cell's mailbox", errno, "Free some memory, or raise vm.max_map_count.");
    auto process = Spawner::instance().spawn(launch_request(*image), image->program->file().descriptor(),
                                             state_file(*image).descriptor(), file->descriptor());
    if (!process) return std::unexpected(process.error());
    std::unique_ptr<ProcessCell> cell(
        new ProcessCell(std::move(image), std::move(mapping), std::move(*process), handover));
    // What the machine does not allow, it does not allow the first cell either. So later ones need not wait here.
    static std::atomic<bool> proven = false;
    if (!proven.load(std::memory_order_relaxed)) {
        if (auto started = cell->ensure_started(); !started) return std::unexpected(started.error());
        proven.store(true, std::memory_order_relaxed);
    }
    return cell;
}

ProcessCell::ProcessCell(std::shared_ptr<const MemoryImage> image, SharedMapping mailbox, CellProcess process,
                         Handover handover)
    : image_(std::move(image)),
      mailbox_(std::move(mailbox)),
      process_(std::move(process)),
      handover_(handover),
      affinity_(process_.pid(), process_.first_cpu()),
      written_(process_.pid()) {
    wire::Mailbox& shared = this->mailbox();
    shared.heap_size = image_->sizes.heap;
    shared.stack_size = image_->sizes.stack;
}

ProcessCell::~ProcessCell() {
    if (started_ && death_.empty()) learn_hot_pages();
}

wire::Mailbox& ProcessCell::mailbox() noexcept { return *reinterpret_cast<wire::Mailbox*>(mailbox_.bytes().data()); }

std::span<std::byte, wire::kWindowSize> ProcessCell::window() noexcept {
    return mailbox_.bytes().subspan<wire::kWindowBase - wire::kMailboxBase, wire::kWindowSize>();
}

clockid_t ProcessCell::cpu_clock() const noexcept {
    // As clock_getcpuclockid() makes it, which would ask the kernel whether the process exists.
    constexpr clockid_t kScheduled = 2;
    return static_cast<clockid_t>(~static_cast<unsigned>(process_.pid()) << 3) | kScheduled;
}

// While the guest has the turn, the word looks like a robust mutex that its thread holds, so that the kernel changes it
// and wakes the host when that thread dies.
std::uint32_t ProcessCell::guest_turn() const noexcept {
    return FUTEX_WAITERS | static_cast<std::uint32_t>(process_.pid());
}

// Gives the guest the turn, waits as await_turn() does, and returns whose turn it is.
std::uint32_t ProcessCell::exchange(Clock::time_point deadline) noexcept {
    wire::Mailbox& shared = mailbox();
    const std::atomic_ref<std::uint32_t> turn(shared.turn);
    std::atomic_ref(shared.host_sleeps).store(0, std::memory_order_relaxed);
    // An exchange, not a store: an interrupt may have halted the guest just before.
    std::uint32_t before = CURFEW_TURN_HOST;
    if (!turn.compare_exchange_strong(before, guest_turn(), std::memory_order_seq_cst)) return before;
    // Sequentially consistent with the guest, which says that it sleeps before it looks at the turn a last time.
    if (std::atomic_ref(shared.guest_sleeps).load(std::memory_order_seq_cst) != 0) futex_wake(&shared.turn, 1);
    return await_turn(guest_turn(), deadline);
}

// Returns the turn when it is another than it was, when an interrupt is under way, when the process is dead, or at the
// deadline.
std::uint32_t ProcessCell::await_turn(std::uint32_t while_it_is, Clock::time_point deadline) noexcept {
    wire::Mailbox& shared = mailbox();
    const std::atomic_ref<std::uint32_t> turn(shared.turn);
    if (spins_) {
        for (unsigned i = 0; i < kSpins; ++i) {
            if (const std::uint32_t now = turn.load(std::memory_order_acquire); now != while_it_is) return now;
            __builtin_ia32_pause();
        }
    }
    nanoseconds limit = kShortCall;
    for (;;) {
        // Sequentially consistent with the guest, which changes the turn before it looks whether the host sleeps.
        std::atomic_ref(shared.host_sleeps).store(1, std::memory_order_seq_cst);
        std::uint32_t now = turn.load(std::memory_order_seq_cst);
        if (now != while_it_is || interrupted()) return now;
        futex_wait(&shared.turn, while_it_is, limit);
        now = turn.load(std::memory_order_acquire);
        if (now != while_it_is || interrupted() || process_.dead()) return now;
        if (deadline != Clock::time_point::max() && Clock::now() >= deadline) return now;
        affinity_.release();
        limit = kLookAround;
    }
}

// What it means that the turn is now this.
Stop ProcessCell::sort_out(std::uint32_t turn) noexcept {
    if (const std::uint64_t ticket = ticket_.load(std::memory_order_acquire); ticket != 0) {
        constexpr auto* kNoReaction = "the cell did not react to an interrupt within a second and was killed";
        return await_acknowledgement(ticket, kInterruptLimit, kNoReaction) ? Stop::interrupted : Stop::died;
    }
    if (turn == CURFEW_TURN_HOST) return Stop::called_out;
    if (turn == CURFEW_TURN_FAULTED || (turn & FUTEX_OWNER_DIED) != 0 || process_.dead()) return die(describe_end());
    return die("the guest broke the call protocol");
}

// Waits until the cell has taken notice of a ticket. Only the trampoline can acknowledge it, since the guest does not
// know it. False if the cell had to be killed.
bool ProcessCell::await_acknowledgement(std::uint64_t ticket, nanoseconds limit, const char* if_not) noexcept {
    wire::Mailbox& shared = mailbox();
    const auto deadline = Clock::now() + limit;
    constexpr unsigned kYields = 100;
    for (unsigned round = 0;; ++round) {
        if (std::atomic_ref(shared.acknowledged).load(std::memory_order_acquire) == ticket) return true;
        if (process_.dead()) {
            die(describe_end());
            return false;
        }
        if (Clock::now() >= deadline) {
            die(if_not);
            return false;
        }
        if (round < kYields) {
            ::sched_yield();
        } else {
            affinity_.release();  // perhaps another CPU has time for it
            futex_wait(&shared.turn, std::atomic_ref(shared.turn).load(std::memory_order_acquire), milliseconds(1));
        }
    }
}

Result<void> ProcessCell::ensure_started() noexcept {
    constexpr auto kStartLimit = std::chrono::seconds(10);
    if (!death_.empty()) return fail(ErrorCode::guest_abort, death_);
    if (started_) return {};
    wire::Mailbox& shared = mailbox();
    const auto deadline = Clock::now() + kStartLimit;
    const std::atomic_ref<std::uint32_t> turn(shared.turn);
    while (turn.load(std::memory_order_acquire) == kTurnStarting && Clock::now() < deadline) {
        std::atomic_ref(shared.host_sleeps).store(1, std::memory_order_seq_cst);
        if (turn.load(std::memory_order_seq_cst) != kTurnStarting || process_.dead()) break;
        futex_wait(&shared.turn, kTurnStarting, milliseconds(10));
    }
    if (const std::uint32_t now = turn.load(std::memory_order_acquire);
        now == CURFEW_TURN_HOST || now == CURFEW_TURN_HALTED) {
        started_ = true;
        return {};
    }
    // No code of the guest has run yet, so what stands in the mailbox is true.
    if (turn.load(std::memory_order_acquire) == CURFEW_TURN_FAULTED) {
        die(describe_end());
    } else {
        die("no isolation is available here: a cell ended before it was ready. Perhaps there was too little memory, or "
            "somebody killed it; run `curfew doctor` to see what this machine offers.");
    }
    return fail(ErrorCode::unavailable, death_);
}

Stop ProcessCell::resume() {
    if (!ensure_started()) {
        lost_before_entry_ = !started_;
        return Stop::died;
    }
    if (interrupted()) return sort_out(CURFEW_TURN_HALTED);
    if (!keeps_still()) return die("the guest went on running after it had given up its turn, and was killed");
    choose_place();
    const bool reset_first = std::exchange(resets_first_, false);
    if (!reset_first) mailbox().command = CURFEW_COMMAND_RUN;
    note_window_use();
    const Stop stop = sort_out(exchange(Clock::time_point::max()));
    note_window_use();
    parked_at_ = coarse_now();
    if (reset_first && stop == Stop::died) {
        lost_before_entry_ =
            std::atomic_ref(mailbox().command).load(std::memory_order_relaxed) == CURFEW_COMMAND_RESET_AND_RUN;
    }
    return stop;
}

void ProcessCell::note_window_use() noexcept {
    window_used_ = std::max(window_used_, std::atomic_ref(mailbox().message.chunk).load(std::memory_order_relaxed));
}

// Spinning is of use only while the guest runs on another CPU.
void ProcessCell::choose_place() noexcept {
    spins_ = handover_ == Handover::spin && affinity_.avoid_caller();
    if (!spins_) affinity_.follow_caller();
    mailbox().guest_spins = spins_ ? kSpins : 0;
}

// False if the guest, whose turn it is not, uses the CPU.
bool ProcessCell::keeps_still() noexcept {
    const nanoseconds now = coarse_now();
    if (now - parked_at_ < kUnwatchedParking && now - watched_at_ < kUnwatched) return true;
    watched_at_ = now;
    if (asleep()) return true;
    // It may be on its way to sleep, and perhaps the machine is too busy to let it get there soon.
    constexpr auto kPatience = std::chrono::seconds(1);
    const auto deadline = Clock::now() + kPatience;
    const nanoseconds used = read_clock(cpu_clock());
    while (!asleep() && !interrupted() && Clock::now() < deadline) {
        if (read_clock(cpu_clock()) - used > kParkingCpuTime) return false;
        std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
    return true;
}

// Whether the guest waits in the kernel for its turn, by the kernel's word: moving its waiter from the futex to the same
// futex changes nothing, and tells whether there is one. Also true if the turn is not the host's, which is for others to
// sort out.
bool ProcessCell::asleep() noexcept { return waiters() != 0; }

// Of the turn: 0 or 1; -1 if the turn is not the host's.
long ProcessCell::waiters() noexcept {
    std::uint32_t* const turn = &mailbox().turn;
    constexpr long kMoveOne = 1;
    return ::syscall(SYS_futex, turn, FUTEX_CMP_REQUEUE, 0, kMoveOne, turn, CURFEW_TURN_HOST);
}

void ProcessCell::interrupt() noexcept {
    std::uint64_t none = 0;
    const std::uint64_t ticket = new_ticket();
    if (!ticket_.compare_exchange_strong(none, ticket, std::memory_order_acq_rel)) return;
    if (!process_.signal(ticket)) process_.kill();
    // So that a host that sleeps there watches over the acknowledgement. A guest may sleep there as well.
    futex_wake(&mailbox().turn, INT_MAX);
}

Stop ProcessCell::die(std::string reason) noexcept {
    process_.kill();
    death_ = std::move(reason);
    return Stop::died;
}

std::string ProcessCell::describe_end() noexcept {
    const std::uint32_t turn = std::atomic_ref(mailbox().turn).load(std::memory_order_acquire);
    if (turn == CURFEW_TURN_FAULTED) {
        wire::Fault fault = mailbox().fault;
        // A guest that has run may say what it likes, but not that it never did.
        constexpr std::uint32_t kNoSignal = ~std::uint32_t{0};
        if (started_ && is_launch_failure(fault)) fault.signal = kNoSignal;
        return describe_fault(fault, image_->sizes.heap, image_->sizes.stack);
    }
    return "the cell was killed from outside, perhaps because the machine ran out of memory";
}

}  // namespace curfew::cell
