// What native code that has been taken over can do to the handshake and to the trampoline.
#include "cell/process/shared/address_space.h"
#include "cell/process/shared/handshake_words.h"
#include "cell/process/x86_64/system_call.h"
#include "cell/testing/test_guest.h"

namespace curfew::cell::testing {

uint64_t obey_against_back_end(const wire::Message& message);

namespace {

using namespace curfew::wire;

HandshakeWords& words() { return handshake_words(*reinterpret_cast<Mailbox*>(kMailboxBase)); }

void set_turn(uint32_t value) { __atomic_store_n(&words().turn, value, __ATOMIC_SEQ_CST); }

[[noreturn]] void spin() {
    for (;;) __asm__ volatile("" ::: "memory");
}

void forge_turn(uint32_t turn) {
    set_turn(turn);
    system_call(202 /* futex */, CURFEW_HANDSHAKE + CURFEW_HANDSHAKE_TURN, 1 /* FUTEX_WAKE */, 1);
}

[[noreturn]] void hammer(const Hammer& blow) {
    if (blow.turn != 0) forge_turn(blow.turn);
    for (;;) *reinterpret_cast<volatile uint32_t*>(kMailboxBase + blow.offset) = blow.value;
}

[[noreturn]] void scramble(uint64_t random) {
    for (;;) {
        random = random * 6364136223846793005 + 1442695040888963407;
        const uint64_t offset = (random >> 33) % (sizeof(Mailbox) / 4) * 4;
        // Mostly small numbers, which are likelier to mean something.
        const auto value = static_cast<uint32_t>(random >> 20);
        *reinterpret_cast<volatile uint32_t*>(kMailboxBase + offset) = (value & 0x300) == 0 ? value : value & 3;
    }
}

// Until the host writes the next request.
void compute_until_asked() {
    auto& kind = reinterpret_cast<Mailbox*>(kMailboxBase)->message.kind;
    __atomic_store_n(&kind, static_cast<uint32_t>(MessageKind::done), __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&kind, __ATOMIC_SEQ_CST) == static_cast<uint32_t>(MessageKind::done)) {
    }
}

// Until the host says that it has seen this turn: see kSeen.
void compute_until_seen() {
    const auto& word = reinterpret_cast<const Mailbox*>(kMailboxBase)->pad;
    while (__atomic_load_n(&word, __ATOMIC_SEQ_CST) != kSeen) {
    }
}

void burn() {
    for (uint64_t i = 0; i < 20'000'000; ++i) __asm__ volatile("");
}

}  // namespace

uint64_t obey_against_back_end(const Message& message) {
    const uint64_t argument = message.length;
    switch (static_cast<Order>(message.value)) {
        case Order::wipe_trampoline:
            return static_cast<uint64_t>(system_call(28 /* madvise */, kTrampolineBase, kPageSize, 4));
        case Order::garbage_turn_spin: set_turn(0xdead); spin();
        case Order::garbage_turn_die:
            set_turn(0xdead);
            __asm__ volatile("ud2");
            return 0;
        case Order::forge_halt:
            words().acknowledged = 12345;
            set_turn(CURFEW_TURN_HALTED);
            spin();
        case Order::forge_turn_spin: set_turn(CURFEW_TURN_HOST); spin();
        case Order::run_on_signal_stack:
            __asm__ volatile("mov %0, %%rsp\n 1: jmp 1b" : : "r"(kSignalStackBase + argument));
            return 0;
        case Order::park: forge_turn(static_cast<uint32_t>(argument)); spin();
        case Order::hammer: hammer(*reinterpret_cast<const Hammer*>(kWindowBase));
        case Order::scramble: scramble(argument);
        // What they return to is the hypercall, which goes to sleep at once.
        case Order::burn_until_asked:
            forge_turn(CURFEW_TURN_HOST);
            compute_until_asked();
            return 0;
        case Order::burn_with_the_turn:
            forge_turn(CURFEW_TURN_HOST);
            compute_until_seen();
            set_turn(static_cast<uint32_t>(argument));
            compute_until_asked();
            set_turn(CURFEW_TURN_HOST);
            return 0;
        case Order::burn_for_a_while:
            forge_turn(CURFEW_TURN_HOST);
            for (int i = 0; i < 10; ++i) burn();
            return 0;
        case Order::leave_later:
            burn();
            set_turn(static_cast<uint32_t>(argument));
            system_call(231 /* exit_group */, 1);
            return 0;
        default: return 0;
    }
}

}  // namespace curfew::cell::testing
