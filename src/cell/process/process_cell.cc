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

#include "cell/failure.h"
#include "cell/process/fault_report.h"

namespace curfew::cell {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// How long an interrupt may take to be acknowledged before the cell is killed.
constexpr auto kInterruptLimit = milliseconds(100);

// The same for a reset, and for copying a cell's memory. The kernel needs some 100 ms to drop 1 GiB of written pages.
constexpr nanoseconds reset_limit(const MemorySizes& sizes) {
    constexpr std::uint64_t kBytesPerMillisecond = 1 << 20;
    return std::chrono::seconds(2) + milliseconds((sizes.heap + sizes.stack) / kBytesPerMillisecond);
}

// A guest that has given up its turn should sleep. What it burns all the same no call is charged for, so a call that
// finds the cell parked for long, or not looked at for long, looks first whether it does.
constexpr auto kUnwatchedParking = milliseconds(20);
constexpr auto kUnwatched = std::chrono::seconds(1);
constexpr auto kParkingCpuTime = milliseconds(2);  // much more than the trampoline needs from the announcement to sleep

// A call that has not come back by then is a long one; see CellAffinity. A cell that died while it was parked is found
// after as long.
constexpr auto kShortCall = std::chrono::microseconds(500);

// The kernel wakes the host when a cell dies, unless the guest has overwritten the word that tells the kernel to. So a
// waiting host looks for itself now and then.
constexpr auto kLookAround = std::chrono::seconds(1);

constexpr unsigned kSpins = 2000;

// The mailbox is shared between processes, so these futexes are not private.
void futex_wait(std::uint32_t* word, std::uint32_t value, nanoseconds limit) noexcept {
    const timespec time{.tv_sec = limit.count() / 1'000'000'000, .tv_nsec = limit.count() % 1'000'000'000};
    ::syscall(SYS_futex, word, FUTEX_WAIT, value, &time, nullptr, 0);
}

void futex_wake(std::uint32_t* word, int count) noexcept {
    ::syscall(SYS_futex, word, FUTEX_WAKE, count, nullptr, nullptr, 0);
}

nanoseconds read_clock(clockid_t clock) noexcept {
    timespec time{};
    ::clock_gettime(clock, &time);
    return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

// To some milliseconds, and ten times cheaper than the exact time.
nanoseconds coarse_now() noexcept { return read_clock(CLOCK_MONOTONIC_COARSE); }

// A value that a guest cannot guess, and not zero.
std::uint64_t new_ticket() noexcept {
    std::uint64_t ticket = 0;
    while (::getrandom(&ticket, sizeof ticket, 0) != sizeof ticket || ticket == 0) {
    }
    return ticket;
}

// The turn of a cell that has not parked for the first time: nobody's.
constexpr std::uint32_t kTurnStarting = 0;

// The mailbox; the program's read-only segments; saved data, heap and stack; and the rest of heap and stack.
static_assert(1 + GuestImage::kMaxReadOnlySegments + 3 + 2 <= kMaxMappings);

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

const MemoryFile& state_file(const MemoryImage& image) {
    return image.state ? *image.state : image.program->file();
}

std::uint64_t page_down(std::uint64_t address) { return address / wire::kPageSize * wire::kPageSize; }

}  // namespace

Result<std::unique_ptr<ProcessCell>> ProcessCell::spawn(std::shared_ptr<const MemoryImage> image,
                                                        Handover handover) {
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
        constexpr auto* kNoReaction = "the cell did not react to an interrupt within 100 ms and was killed";
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
    if (!ensure_started()) return Stop::died;
    if (interrupted()) return sort_out(CURFEW_TURN_HALTED);
    if (!keeps_still()) return die("the guest went on running after it had given up its turn, and was killed");
    choose_place();
    const Stop stop = sort_out(exchange(Clock::time_point::max()));
    parked_at_ = coarse_now();
    return stop;
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
bool ProcessCell::asleep() noexcept {
    std::uint32_t* const turn = &mailbox().turn;
    constexpr long kMoveOne = 1;
    return ::syscall(SYS_futex, turn, FUTEX_CMP_REQUEUE, 0, kMoveOne, turn, CURFEW_TURN_HOST) != 0;
}

void ProcessCell::interrupt() noexcept {
    std::uint64_t none = 0;
    const std::uint64_t ticket = new_ticket();
    if (!ticket_.compare_exchange_strong(none, ticket, std::memory_order_acq_rel)) return;
    if (!process_.signal(ticket)) process_.kill();
    // So that a host that sleeps there watches over the acknowledgement. A guest may sleep there as well.
    futex_wake(&mailbox().turn, INT_MAX);
}

// First halts the guest, whatever it is doing, in the trampoline, which then waits for the plan of the reset. The guest
// does not run before that is done, so from the acknowledgement on nobody but the host writes to the mailbox.
Result<void> ProcessCell::reset() {
    if (auto started = ensure_started(); !started) return started;
    interrupt();
    constexpr auto* kNoReaction = "the cell did not react to a reset within 100 ms and was killed";
    if (!await_acknowledgement(ticket_.load(std::memory_order_acquire), kInterruptLimit, kNoReaction)) {
        return fail(ErrorCode::guest_abort, death_);
    }
    wire::Mailbox& shared = mailbox();
    const std::atomic_ref<std::uint32_t> turn(shared.turn);
    while (turn.load(std::memory_order_acquire) != CURFEW_TURN_HALTED && !process_.dead()) ::sched_yield();

    learn_hot_pages();
    shared.reset_steps = plan_reset({reinterpret_cast<wire::ResetStep*>(window().data()),
                                     window().size() / sizeof(wire::ResetStep)});
    shared.command = CURFEW_COMMAND_RUN;
    shared.guest_spins = 0;  // what the guest left there could keep it spinning for minutes
    shared.guest_sleeps = 0;
    ticket_.store(0, std::memory_order_release);
    std::atomic_ref(shared.host_sleeps).store(0, std::memory_order_relaxed);
    turn.store(CURFEW_TURN_RESET, std::memory_order_seq_cst);
    futex_wake(&shared.turn, 1);
    const auto deadline = Clock::now() + reset_limit(image_->sizes);
    spins_ = false;
    const std::uint32_t now = await_turn(CURFEW_TURN_RESET, deadline);
    if (now == CURFEW_TURN_RESET && !process_.dead()) die("the cell did not complete a reset in time and was killed");
    if (!death_.empty() || sort_out(now) != Stop::called_out) return fail(ErrorCode::guest_abort, death_);
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
        const bool known = written_.each_range(piece.address, piece.length, [&](std::uint64_t address, std::uint64_t length) {
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

Result<void> ProcessCell::copy_out(MemoryFile& file, const SavedPiece& piece, Clock::time_point deadline) {
    wire::Mailbox& shared = mailbox();
    for (std::uint64_t done = 0; done < piece.length;) {
        const std::uint64_t chunk = std::min(piece.length - done, wire::kWindowSize);
        shared.command = CURFEW_COMMAND_COPY;
        shared.copy_source = piece.address + done;
        shared.copy_length = chunk;
        const std::uint32_t turn = exchange(deadline);
        const bool late = turn == guest_turn() && Clock::now() >= deadline && !interrupted();
        const Stop stop = late ? die("the guest did not show its memory in time, and was killed") : sort_out(turn);
        shared.command = CURFEW_COMMAND_RUN;
        if (stop != Stop::called_out) {
            return fail(ErrorCode::guest_abort, "no snapshot could be taken: " +
                                                    (death_.empty() ? "the cell was interrupted" : death_));
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
    const auto deadline = Clock::now() + reset_limit(image_->sizes);
    for (const SavedPiece& piece : saved->pieces) {
        if (auto copied = copy_out(*file, piece, deadline); !copied) return std::unexpected(copied.error());
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
