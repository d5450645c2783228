#include "cell/process/handshake.h"

#include <linux/futex.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <utility>

#include "base/alarm.h"
#include "cell/process/waiting.h"
#include "cell/process/x86_64/processor.h"

namespace curfew::cell {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// A call that has not come back by then is a long one; see CellAffinity. A cell that died while it was parked is found
// after as long. Not shorter than the kernel's tick: a wait that ends before the next tick makes the kernel set the
// clock's alarm anew, which costs 17 us on virtual machines, for every call.
constexpr nanoseconds kShortCall = milliseconds(10);

// For the same reason, what a call's alarm is to be rung for earlier waits until then; others watch over it too.
constexpr nanoseconds kShortest = milliseconds(5);

// The kernel wakes the host when a cell dies, unless the guest has overwritten the word that tells the kernel to. So a
// waiting host looks for itself now and then.
constexpr nanoseconds kLookAround = std::chrono::seconds(1);

constexpr unsigned kSpins = 2000;

// A value that a guest cannot guess, and not zero.
std::uint64_t new_ticket() noexcept {
    std::uint64_t ticket = 0;
    while (::getrandom(&ticket, sizeof ticket, 0) != sizeof ticket || ticket == 0) {
    }
    return ticket;
}

}  // namespace

Handshake::Handshake(HandshakeWords& words, CellProcess& process, Handover handover) noexcept
    : words_(words), process_(process), handover_(handover), affinity_(process.pid(), process.first_cpu()) {}

// Spinning is of use only while the guest runs on another CPU.
void Handshake::choose_place() noexcept {
    spins_ = handover_ == Handover::spin && affinity_.avoid_caller();
    if (!spins_) affinity_.follow_caller();
    words_.guest_spins = spins_ ? kSpins : 0;
}

std::uint32_t Handshake::turn() const noexcept { return std::atomic_ref(words_.turn).load(std::memory_order_acquire); }

std::uint32_t Handshake::guest_turn() const noexcept { return FUTEX_WAITERS | thread_; }

std::uint32_t Handshake::give(Clock::time_point deadline) noexcept {
    std::atomic_ref(words_.host_sleeps).store(0, std::memory_order_relaxed);
    // An exchange, not a store: an interrupt may have halted the guest just before.
    std::uint32_t before = CURFEW_TURN_HOST;
    if (!std::atomic_ref(words_.turn).compare_exchange_strong(before, guest_turn(), std::memory_order_seq_cst)) {
        return before;
    }
    // Sequentially consistent with the guest, which says that it sleeps before it looks at the turn a last time.
    if (std::atomic_ref(words_.guest_sleeps).load(std::memory_order_seq_cst) != 0) futex_wake(&words_.turn, 1);
    return await(guest_turn(), deadline);
}

std::uint32_t Handshake::order_reset(Clock::time_point deadline) noexcept {
    std::atomic_ref(words_.host_sleeps).store(0, std::memory_order_relaxed);
    std::atomic_ref(words_.turn).store(CURFEW_TURN_RESET, std::memory_order_seq_cst);
    futex_wake(&words_.turn, 1);
    block();
    return await(CURFEW_TURN_RESET, deadline);
}

// A cell that is interrupted acknowledges it as soon as it has set itself up, which takes part of a millisecond.
std::uint32_t Handshake::await_start(Clock::time_point deadline) noexcept {
    constexpr auto kStartAfterInterrupt = milliseconds(20);
    const std::atomic_ref<std::uint32_t> turn(words_.turn);
    bool hurries = false;
    for (auto now = Clock::now(); turn.load(std::memory_order_acquire) == kStarting && now < deadline;
         now = Clock::now()) {
        if (interrupted() && !std::exchange(hurries, true)) deadline = std::min(deadline, now + kStartAfterInterrupt);
        std::atomic_ref(words_.host_sleeps).store(1, std::memory_order_seq_cst);
        if (turn.load(std::memory_order_seq_cst) != kStarting || process_.dead()) break;
        futex_wait(&words_.turn, kStarting, hurries ? milliseconds(1) : milliseconds(10));
    }
    const std::uint32_t now = turn.load(std::memory_order_acquire);
    // None of the guest's code has run yet.
    if (now != kStarting) thread_ = std::atomic_ref(words_.thread).load(std::memory_order_relaxed) & FUTEX_TID_MASK;
    return now;
}

std::uint32_t Handshake::await(std::uint32_t while_it_is, Clock::time_point deadline) noexcept {
    const std::atomic_ref<std::uint32_t> turn(words_.turn);
    if (spins_) {
        for (unsigned i = 0; i < kSpins; ++i) {
            if (const std::uint32_t now = turn.load(std::memory_order_acquire); now != while_it_is) return now;
            relax_processor();
        }
    }
    base::Alarm* const alarm = base::Alarm::of_this_thread();
    nanoseconds limit = kShortCall;
    if (alarm != nullptr) limit = std::clamp(alarm->first(), kShortest, limit);
    for (;;) {
        // Sequentially consistent with the guest, which changes the turn before it looks whether the host sleeps.
        std::atomic_ref(words_.host_sleeps).store(1, std::memory_order_seq_cst);
        std::uint32_t now = turn.load(std::memory_order_seq_cst);
        if (now != while_it_is || interrupted()) return now;
        futex_wait(&words_.turn, while_it_is, limit);
        now = turn.load(std::memory_order_acquire);
        if (now != while_it_is || interrupted() || process_.dead()) return now;
        if (alarm != nullptr) alarm->ring();
        if (interrupted()) return now;
        if (deadline != kForEver && Clock::now() >= deadline) return now;
        affinity_.release();
        limit = alarm == nullptr ? kLookAround : std::clamp(alarm->left(), nanoseconds(0), kLookAround);
    }
}

long Handshake::waiters() const noexcept {
    std::uint32_t* const turn = &words_.turn;
    constexpr long kMoveOne = 1;
    return ::syscall(SYS_futex, turn, FUTEX_CMP_REQUEUE, 0, kMoveOne, turn, CURFEW_TURN_HOST);
}

void Handshake::interrupt() noexcept {
    std::uint64_t none = 0;
    const std::uint64_t ticket = new_ticket();
    if (!ticket_.compare_exchange_strong(none, ticket, std::memory_order_acq_rel)) return;
    if (process_.signal(ticket)) {
        sent_.store(ticket, std::memory_order_release);
    } else {
        process_.kill();
    }
    // So that a host that sleeps there watches over the acknowledgement. A guest may sleep there as well.
    futex_wake(&words_.turn, INT_MAX);
}

// Giving the CPU away here would mean to wait in its queue once more, where others want it too. The thread that interrupts
// may not have come to sending the signal; or it cannot, and has the cell killed.
Handshake::Reaction Handshake::await_stop() noexcept {
    constexpr auto kOnItsWay = std::chrono::microseconds(200);
    constexpr auto kSent = std::chrono::seconds(1);
    const std::uint64_t ticket = ticket_.load(std::memory_order_acquire);
    const auto begin = Clock::now();
    for (;;) {
        const bool sent = sent_.load(std::memory_order_acquire) == ticket;
        if (std::atomic_ref(words_.acknowledged).load(std::memory_order_acquire) == ticket) {
            return Reaction::acknowledged;
        }
        if (process_.dead()) return Reaction::dead;
        if (sent && guest_is_here()) return Reaction::stopped;
        const auto waited = Clock::now() - begin;
        if (waited >= (sent ? kOnItsWay : kSent)) return Reaction::none;
        if (waited < kOnItsWay) {
            relax_processor();
        } else {
            ::sched_yield();
        }
    }
}

Handshake::Reaction Handshake::await_acknowledgement(nanoseconds limit) noexcept {
    const std::uint64_t ticket = ticket_.load(std::memory_order_acquire);
    const auto deadline = Clock::now() + limit;
    constexpr unsigned kYields = 100;
    for (unsigned round = 0;; ++round) {
        if (std::atomic_ref(words_.acknowledged).load(std::memory_order_acquire) == ticket) {
            return Reaction::acknowledged;
        }
        if (process_.dead()) return Reaction::dead;
        if (Clock::now() >= deadline) return Reaction::none;
        if (round < kYields) {
            ::sched_yield();
        } else {
            affinity_.release();  // perhaps another CPU has time for it
            futex_wait(&words_.turn, turn(), milliseconds(1));
        }
    }
}

}  // namespace curfew::cell
