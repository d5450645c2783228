// The mailbox: the one piece of memory that host and guest share, and the call protocol in it.
//
// To the host everything here is hostile: a guest may write any word at any time. The host copies a field once, then
// checks the copy. To the guest, what the host writes is trusted.
//
// The first page has the message that is being passed, and room for how the back end hands over the turn, which is its own
// affair: the guest's code never touches that. The window behind the page carries message bodies, a chunk at a time.
//
// Guest and host take turns. The guest calls the hypercall entry to give the turn to the host, and comes back from it
// with the host's answer in the mailbox. Who has the turn sends one message:
//
//   host:  boot                          guest:  ready
//   host:  load, name + source           guest:  done | failed     (the guest's requests in between)
//   host:  call, handler + event         guest:  done | failed     (the guest's requests in between)
//   host:  evaluate, script + program    guest:  done | failed     (the guest's requests in between)
//   guest: print, text                   host:   proceed
//   guest: wait, time                    host:   proceed | reply
//   guest: host_call, function + args    host:   host_result | host_error | pending
//   guest: resolve, importer + specifier host:   resolved | host_error
//   guest: read_module, name             host:   module | host_error
//   guest: heap_report                   host:   proceed
//   guest: refused_calls                 host:   proceed
//
// Every request of the host (boot, load, call, evaluate) has a number. The guest keeps it in its own memory while it works on the
// request, and every message of the guest repeats it: what belongs to another request breaks the protocol, so that no
// answer can pass for another's.
//
// A host_call with kAsync asks for what the guest's promise becomes: the host answers `pending` with the call's number if the
// function has not answered yet. The guest goes on, and when nothing else is left to run it sends `wait` with kUntilReply.
// The host answers with one call's `reply`, or with `proceed` when the time is over. Numbers are of one request: what is
// open at its end is nobody's any more.
//
// The host's answer to `wait` may have another request's number than the guest's message: the guest goes on under the new
// one. (Its host may have changed while it waited.) Then it is `proceed`, with kReseed, and says how many microseconds of
// the wait had passed when the guest was saved: its clocks go on from there, and it waits for the rest.
//
// A heap_report may stand in the place of any message of the guest, also between the chunks of one: the guest makes it
// in the middle of an allocation. It says nothing but what HeapReport says, and leaves the window as it is.
//
// A body is a name and a payload, one after the other. A body longer than the window goes in chunks: the sender puts
// the first chunk with the whole length, the receiver answers `more` until it has all of it, and only the last chunk is
// answered with a message of its own. A receiver that has no room for the whole body answers `refused` instead of
// `more` (or host_error to a host_call), which ends the message; to a refused `load`, `call` or
// `evaluate` nothing more is sent.
#ifndef CURFEW_WIRE_MAILBOX_H
#define CURFEW_WIRE_MAILBOX_H

#include "wire/layout.h"

// Where the back end's part begins, for its assembly; checked against the structure below.
#define CURFEW_MAILBOX_BACK_END 1024

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
    proceed = 4,      // answer to print, wait, refused_calls and heap_report; and to whoever refused an answer
    host_result = 5,  // answer to host_call; payload: the result as JSON, empty for undefined; with kBinary: bytes
    host_error = 6,   // answer to host_call, resolve and read_module; payload: why it failed, for the guest's Error
    resolved = 7,     // answer to resolve; value: ModuleKind; name: the module's one name, however it was imported
    module = 8,       // answer to read_module; value: ModuleKind; payload: source, or the functions of a host module
    pending = 9,      // answer to host_call with kAsync; value: the call's number, by which a reply will come
    reply = 10,     // answer to wait with kUntilReply; value: the call's number; else as host_result, with kFailedReply
                    // as host_error
    evaluate = 11,  // name: the script's, for stack traces; payload: a program, whose first line is line 0
    // Sent by the guest.
    ready = 16,      // answer to boot
    done = 17,       // answer to load, call and evaluate; payload: the handler's or program's result, JSON
    failed = 18,     // answer to load, call and evaluate; name: the error's message; payload: its stack, or with
                     // kDescribed more
    print = 19,      // value: PrintLevel; payload: UTF-8 text, a line without its end unless the level is `print`
    host_call = 20,  // name: the module's, a zero byte, and the function's; value: number of arguments; payload: those
    abort = 21,      // the guest cannot go on; payload: why
    wait = 22,     // value: microseconds that the guest has nothing to do; the host answers when they are over, or with
                   // kUntilReply when a call is answered (then kNoTimer: however long that takes)
    resolve = 23,  // name: the importing module's; payload: what it asks for (its specifier)
    read_module = 24,    // name: as `resolved` gave it
    heap_report = 25,    // no body; the heap's peak has passed Mailbox::heap_limit
    refused_calls = 30,  // payload: RefusedCall, one after the other; before done or failed, if traces_calls is set
    // Sent by whoever receives a body.
    more = 32,
    refused = 33,
};

// What an import leads to.
enum class ModuleKind : uint32_t {
    source = 0,    // an ES module; its payload is JavaScript
    host = 1,      // functions of the host; its payload is their names, each between a FunctionMark and a zero byte
    built_in = 2,  // one that the guest has itself; it is never read from the host
    json = 3,      // a JSON file; its payload is the text
};

// Before each name of a host module's functions: how it is called.
enum class FunctionMark : char {
    blocking = 's',      // the guest waits for its result
    asynchronous = 'a',  // the guest gets a promise, and calls it with kAsync
    // The same two for functions that get values: their arguments go as one array of CBOR.
    blocking_values = 'v',
    asynchronous_values = 'w',
};

// The value of a `wait` that only a reply ends.
inline constexpr uint32_t kNoTimer = 0xffffffff;

// Before each argument of a host call; see above.
struct ArgumentHeader {
    uint64_t four_times_length_and_kind;

    static constexpr ArgumentHeader of(uint64_t length, bool is_bytes) { return {length * 4 + (is_bytes ? 1 : 0)}; }
    // All arguments of the call at once: an array of CBOR. For functions whose mark asks for it.
    static constexpr ArgumentHeader of_values(uint64_t length) { return {length * 4 + 2}; }
    constexpr uint64_t length() const { return four_times_length_and_kind / 4; }
    constexpr bool is_bytes() const { return (four_times_length_and_kind & 3) == 1; }
    constexpr bool is_values() const { return (four_times_length_and_kind & 3) == 2; }
};

enum class PrintLevel : uint32_t { print = 0, log = 1, info = 2, warn = 3, error = 4, debug = 5 };

// What the one name of a host's module begins with, and what an import of nothing else may begin with.
inline constexpr char kHostPrefix[] = "host:";

// Flags of a message.
inline constexpr uint32_t kCollectGarbage = 1;  // call, evaluate: collect garbage after the handler's end
inline constexpr uint32_t kReseed = 2;          // load, call, evaluate: take `seed` as the new random state
inline constexpr uint32_t kBinary = 4;          // host_result: the payload is bytes, not JSON
inline constexpr uint32_t kOutOfMemory = 8;     // failed: the guest had not enough memory to go on
inline constexpr uint32_t kSyntaxError = 16;    // failed: the script did not compile
inline constexpr uint32_t kBadEvent = 32;       // failed: the event is not JSON; the handler was not called
inline constexpr uint32_t kBuiltIn = 64;        // resolve: the guest has a module of this name itself
inline constexpr uint32_t kNodeRules = 128;     // resolve, read_module: as Node.js does it, CommonJS modules included
inline constexpr uint32_t kProgram = 4096;      // load: the payload is a program as `evaluate` has it; a call runs it
inline constexpr uint32_t kRequired = 256;      // resolve: by `require`, not by `import`
inline constexpr uint32_t kAsync = 512;         // host_call: `pending` will do for an answer
inline constexpr uint32_t kUntilReply = 1024;   // wait: end it when a call is answered, too
inline constexpr uint32_t kFailedReply = 2048;  // reply: the payload is why it failed, for the guest's Error
inline constexpr uint32_t kStackOverflow = 64;  // failed: the guest's stack had no room to go on
inline constexpr uint32_t kCbor = 16384;        // call, done, host_call, host_result, reply: CBOR in place of JSON
inline constexpr uint32_t kDescribed =
    32768;  // failed: the payload is what was thrown, as CBOR; see error_description.h

struct Message {
    uint16_t kind;  // a MessageKind
    uint16_t flags;
    uint32_t request;      // the number of the request that it belongs to
    uint32_t value;        // by kind; else zero
    uint32_t chunk;        // bytes of the body that are in the window now
    uint64_t name_length;  // the body is the name, then the payload
    uint64_t length;       // of the whole body, name included
};

// A system call that the engine asked for and did not get.
struct RefusedCall {
    uint32_t number;
    uint32_t error;  // an errno
    uint64_t count;
};
inline constexpr size_t kMostRefusedCalls = 64;

// What a guest says of its heap. Bounded by the host to the heap's size.
struct HeapReport {
    uint64_t used;  // as of the guest's last message
    uint64_t peak;  // since the current request was received; kept up to date while the guest runs
    uint64_t
        extent;  // bytes from the heap's base that were ever in use; a snapshot holds no more; as of the last message
};

struct Mailbox {
    // What the guest is told of itself; written before it first runs, and before it runs again after a reset.
    uint64_t heap_size;     // bytes at kHeapBase
    uint64_t stack_size;    // bytes below kStackTop
    uint8_t seed[32];       // with kReseed
    uint64_t traces_calls;  // not 0: the guest tells of system calls that were refused, by refused_calls
    uint64_t pad;

    // The message being passed, by whoever has the turn.
    Message message;
    HeapReport heap;

    // Written by the host whenever it gives the turn away. A guest whose heap's peak is greater tells the host at once,
    // by a heap_report; 0: it need not.
    uint64_t heap_limit;

    // How the back end hands over the turn, and whatever else it says to its own code in the cell.
    alignas(1024) unsigned char back_end[3072];
};

static_assert(offsetof(Mailbox, back_end) == CURFEW_MAILBOX_BACK_END);
static_assert(offsetof(Mailbox, message) % 64 == 0);
static_assert(sizeof(Mailbox) == kPageSize);

// The hypercall, at kHypercallEntry: gives the turn to the host and comes back when the host gives it
// back (exchange), or returns a clock's nanoseconds (realtime, monotonic).
using Hypercall = uint64_t (*)(uint64_t operation);

}  // namespace curfew::wire

#endif
#endif
