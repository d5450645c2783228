// The mailbox: the one piece of memory that host and guest share, and the call protocol in it.
//
// To the host everything here is hostile: a guest may write any word at any time. The host copies a field once, then
// checks the copy. To the guest, what the host writes is trusted.
//
// The first page has the handshake, which belongs to the back end (the guest's own code never touches it), and the
// message that is being passed. The window behind it carries message bodies, a chunk at a time.
//
// Guest and host take turns. The guest calls the hypercall entry to give the turn to the host, and comes back from it
// with the host's answer in the mailbox. Who has the turn sends one message:
//
//   host:  boot                          guest:  ready
//   host:  load, name + source           guest:  done | failed     (the guest's requests in between)
//   host:  call, handler + event         guest:  done | failed     (the guest's requests in between)
//   guest: print, text                   host:   proceed
//   guest: wait, time                    host:   proceed
//   guest: host_call, function + args    host:   host_result | host_error
//   guest: resolve, importer + specifier host:   resolved | host_error
//   guest: read_module, name             host:   module | host_error
//   guest: heap_report                   host:   proceed
//
// A heap_report may stand in the place of any message of the guest, also between the chunks of one: the guest makes it
// in the middle of an allocation. It says nothing but what HeapReport says, and leaves the window as it is.
//
// A body is a name and a payload, one after the other. A body longer than the window goes in chunks: the sender puts
// the first chunk with the whole length, the receiver answers `more` until it has all of it, and only the last chunk is
// answered with a message of its own. A receiver that has no room for the whole body answers `refused` instead of
// `more`, which ends the message; to a refused `load` or `call` nothing more is sent, the guest waits for the next.
#ifndef CURFEW_WIRE_MAILBOX_H
#define CURFEW_WIRE_MAILBOX_H

#include "wire/layout.h"

// Byte offsets that the trampoline's assembly uses; checked against the structure below.
#define CURFEW_MAILBOX_TURN 0
#define CURFEW_MAILBOX_GUEST_SLEEPS 4
#define CURFEW_MAILBOX_HOST_SLEEPS 8
#define CURFEW_MAILBOX_GUEST_SPINS 12
#define CURFEW_MAILBOX_ACKNOWLEDGED 16
#define CURFEW_MAILBOX_COMMAND 24
#define CURFEW_MAILBOX_COPY_SOURCE 32
#define CURFEW_MAILBOX_COPY_LENGTH 40
#define CURFEW_MAILBOX_STACK_POINTER 48
#define CURFEW_MAILBOX_RESET_STEPS 56
#define CURFEW_MAILBOX_CLOCK 64
#define CURFEW_MAILBOX_FAULT 80
#define CURFEW_MAILBOX_RESET_PLAN 112
#define CURFEW_MAILBOX_PLAN 1024

#define CURFEW_TURN_HOST 1
#define CURFEW_TURN_HALTED 2
#define CURFEW_TURN_FAULTED 3
#define CURFEW_TURN_RESET 4

#define CURFEW_COMMAND_RUN 0
#define CURFEW_COMMAND_COPY 1
#define CURFEW_COMMAND_RESET 2
#define CURFEW_COMMAND_RESET_AND_RUN 3

// What the hypercall does, in its first argument.
#define CURFEW_HYPERCALL_EXCHANGE 0
#define CURFEW_HYPERCALL_REALTIME 1
#define CURFEW_HYPERCALL_MONOTONIC 2

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

namespace curfew::wire {

enum class MessageKind : uint32_t {
    none = 0,
    // Sent by the host.
    boot = 1,         // no body; the first message of a guest that starts from its image
    load = 2,         // name: the handler's, a zero byte, and the script's for stack traces; payload: its source, UTF-8
    call = 3,         // name: the handler's; payload: the event, JSON
    proceed = 4,      // answer to print, wait and heap_report; and to whoever refused an answer
    host_result = 5,  // answer to host_call; payload: the result as JSON, empty for undefined; with kBinary: bytes
    host_error = 6,   // answer to host_call, resolve and read_module; payload: why it failed, for the guest's Error
    resolved = 7,     // answer to resolve; value: ModuleKind; name: the module's one name, however it was imported
    module = 8,       // answer to read_module; value: ModuleKind; payload: source, or the functions of a host module
    // Sent by the guest.
    ready = 16,      // answer to boot
    done = 17,       // answer to load and call; payload: the handler's result, JSON
    failed = 18,     // answer to load and call; name: the error's message; payload: its stack
    print = 19,      // value: PrintLevel; payload: UTF-8 text, a line without its end unless the level is `print`
    host_call = 20,  // name: the module's, a zero byte, and the function's; value: number of arguments; payload: those
    abort = 21,      // the guest cannot go on; payload: why
    wait = 22,       // value: microseconds that the guest has nothing to do; the host answers when they are over
    resolve = 23,    // name: the importing module's; payload: what it asks for (its specifier)
    read_module = 24,  // name: as `resolved` gave it
    heap_report = 25,  // no body; the heap's peak has passed Mailbox::heap_limit
    // Sent by whoever receives a body.
    more = 32,
    refused = 33,
};

// What an import leads to.
enum class ModuleKind : uint32_t {
    source = 0,    // an ES module; its payload is JavaScript
    host = 1,      // functions of the host; its payload is their names, with a zero byte behind each
    built_in = 2,  // one that the guest has itself; it is never read from the host
    json = 3,      // a JSON file; its payload is the text
};

// Before each argument of a host call; see above.
struct ArgumentHeader {
    uint64_t twice_length_and_kind;

    static constexpr ArgumentHeader of(uint64_t length, bool is_bytes) { return {length * 2 + (is_bytes ? 1 : 0)}; }
    constexpr uint64_t length() const { return twice_length_and_kind / 2; }
    constexpr bool is_bytes() const { return (twice_length_and_kind & 1) != 0; }
};

enum class PrintLevel : uint32_t { print = 0, log = 1, info = 2, warn = 3, error = 4, debug = 5 };

// Flags of a message.
inline constexpr uint32_t kCollectGarbage = 1;  // call: collect garbage after the handler's end
inline constexpr uint32_t kReseed = 2;          // load, call: take `seed` as the new random state
inline constexpr uint32_t kBinary = 4;          // host_result: the payload is bytes, not JSON
inline constexpr uint32_t kOutOfMemory = 8;     // failed: the guest had not enough memory to go on
inline constexpr uint32_t kSyntaxError = 16;    // failed: the script did not compile
inline constexpr uint32_t kBadEvent = 32;       // failed: the event is not JSON; the handler was not called
inline constexpr uint32_t kBuiltIn = 64;        // resolve: the guest has a module of this name itself

struct Message {
    uint32_t kind;  // a MessageKind
    uint32_t flags;
    uint32_t value;        // by kind; else zero
    uint32_t chunk;        // bytes of the body that are in the window now
    uint64_t name_length;  // the body is the name, then the payload
    uint64_t length;       // of the whole body, name included
};

// What a guest says of its heap. Bounded by the host to the heap's size.
struct HeapReport {
    uint64_t used;  // as of the guest's last message
    uint64_t peak;  // since the current request was received; kept up to date while the guest runs
    uint64_t
        extent;  // bytes from the heap's base that were ever in use; a snapshot holds no more; as of the last message
};

// A piece of a reset: `length` bytes at `to` are overwritten with those at `from`; or, if `from` is zero, its pages are
// dropped, so that the mapping's own content shows again.
struct ResetStep {
    uint64_t to;
    uint64_t from;
    uint64_t length;
};

// Why a guest stopped for good, written by the trampoline before it ends the process.
struct Fault {
    uint32_t signal;
    uint32_t code;          // si_code
    uint64_t address;       // si_addr, or the call's address for a forbidden system call
    uint64_t instruction;   // the instruction pointer
    uint32_t system_call;   // si_syscall
    uint32_t architecture;  // si_arch
};

struct Mailbox {
    // Handshake. `turn` is CURFEW_TURN_* or, while the guest runs, its thread's id with the futex waiters bit.
    uint32_t turn;
    uint32_t guest_sleeps;  // the guest waits in the kernel: giving it the turn needs a wake-up
    uint32_t host_sleeps;   // likewise for the host
    uint32_t guest_spins;   // how often the guest looks at `turn` before it sleeps
    uint64_t acknowledged;  // the ticket of the last interrupt that took effect
    uint32_t command;       // CURFEW_COMMAND_*: what the guest's side does when it gets the turn
    uint32_t pad0;
    uint64_t copy_source;
    uint64_t copy_length;
    uint64_t stack_pointer;  // of the parked guest; resuming starts from there
    uint64_t reset_steps;    // how many ResetSteps there are at `reset_plan`
    uint64_t clock[2];       // where the kernel puts a time: seconds, nanoseconds
    Fault fault;
    uint64_t reset_plan;  // the cell's address of the reset's steps: in `plan`, or in the window
    uint64_t pad2[1];

    // What the guest is told of itself; written before it first runs, and before it runs again after a reset.
    uint64_t heap_size;   // bytes at kHeapBase
    uint64_t stack_size;  // bytes below kStackTop
    uint8_t seed[32];     // with kReseed
    uint64_t pad3[2];

    // The message being passed, by whoever has the turn.
    Message message;
    HeapReport heap;

    // Written by the host whenever it gives the turn away. A guest whose heap's peak is greater tells the host at once,
    // by a heap_report; 0: it need not.
    uint64_t heap_limit;

    // Of a reset that is done when the guest gets its next request, which is in the window then.
    alignas(1024) ResetStep plan[128];
};

static_assert(offsetof(Mailbox, turn) == CURFEW_MAILBOX_TURN);
static_assert(offsetof(Mailbox, guest_sleeps) == CURFEW_MAILBOX_GUEST_SLEEPS);
static_assert(offsetof(Mailbox, host_sleeps) == CURFEW_MAILBOX_HOST_SLEEPS);
static_assert(offsetof(Mailbox, guest_spins) == CURFEW_MAILBOX_GUEST_SPINS);
static_assert(offsetof(Mailbox, acknowledged) == CURFEW_MAILBOX_ACKNOWLEDGED);
static_assert(offsetof(Mailbox, command) == CURFEW_MAILBOX_COMMAND);
static_assert(offsetof(Mailbox, copy_source) == CURFEW_MAILBOX_COPY_SOURCE);
static_assert(offsetof(Mailbox, copy_length) == CURFEW_MAILBOX_COPY_LENGTH);
static_assert(offsetof(Mailbox, stack_pointer) == CURFEW_MAILBOX_STACK_POINTER);
static_assert(offsetof(Mailbox, reset_steps) == CURFEW_MAILBOX_RESET_STEPS);
static_assert(offsetof(Mailbox, clock) == CURFEW_MAILBOX_CLOCK);
static_assert(offsetof(Mailbox, fault) == CURFEW_MAILBOX_FAULT);
static_assert(offsetof(Mailbox, reset_plan) == CURFEW_MAILBOX_RESET_PLAN);
static_assert(offsetof(Mailbox, plan) == CURFEW_MAILBOX_PLAN);
static_assert(offsetof(Mailbox, heap_size) % 64 == 0 && offsetof(Mailbox, message) % 64 == 0);
static_assert(sizeof(Mailbox) <= kPageSize);

// The hypercall, at the trampoline's first byte: gives the turn to the host and comes back when the host gives it
// back (exchange), or returns a clock's nanoseconds (realtime, monotonic).
using Hypercall = uint64_t (*)(uint64_t operation);

}  // namespace curfew::wire

#endif
#endif
