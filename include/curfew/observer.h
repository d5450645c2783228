// Observer: what happens in Curfew, told as it happens. Metrics (<curfew/prometheus.h>) and the log (<curfew/spdlog.h>) are
// observers too, of the process.
//
//     class Slow final : public curfew::Observer {
//         void invocation_ended(const curfew::observed::InvocationEnded& call) noexcept override { ... }
//     };
//     auto listening = curfew::add_observer(std::make_shared<Slow>());         // of all that happens in this process
//     curfew::SandboxBuilder().with_observer(std::make_shared<Slow>())...      // of one sandbox, and what is made of it
//
// There may be any number of both. One event is told to a sandbox's own observers first, then to the process's, in the order
// in which they were added.
//
// When and where. Each event is told exactly once to each observer, on the thread on which it happens: that of the caller
// who uses the sandbox, after the fact (a "begun": before), and before the function that brought it about returns. Only
// warnings come from another thread. Events of one sandbox come one after another; those of several come at once, so an
// observer's functions are called from many threads at the same time.
//
//     load       invocation_begun -> (host calls, printed, warned) -> terminated? -> alarmed? -> invocation_ended -> sandbox_loaded?
//     a call     invocation_begun -> (host calls, printed, warned) -> terminated? -> alarmed? -> invocation_ended
//     host call  host_call_begun -> (other invocations, if the function makes some) -> host_call_ended
//
// An invocation is told of when it gets as far as its monitors: one that is refused before (an unknown handler, a poisoned
// sandbox) is nobody's event. Who is added in the middle of something hears its end without its beginning.
//
// What an observer may do. It is on the way of every call: the call takes so much longer, and what is told in the middle of
// one counts for its limits on wall-clock time. It must not throw, must not use the sandbox that it is told of, and must not
// block for long. It may use other sandboxes, add observers, and remove any, itself too.
//
// Texts and structures are valid during the call only. Texts are hostile where it says so: they may hold control characters
// and line breaks; escape them for where they go. Names of handlers, modules and functions are those that the program
// registered. Guests' texts are valid UTF-8; a custom monitor's name may be anything.
//
// Cost: none but one memory access per event while nobody listens. Otherwise one virtual call for each observer, and for a
// host call two readings of the clock.
//
// Forks: a child has its parent's observers. Removing and adding works there, in a child's only thread; what an observer's
// functions find locked is the observer's own affair.
#ifndef CURFEW_OBSERVER_H
#define CURFEW_OBSERVER_H

#include <curfew/language.h>

#include <any>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <curfew/engine.h>
#include <curfew/error.h>
#include <curfew/export.h>
#include <curfew/monitor/observer.h>
#include <curfew/print_level.h>
#include <curfew/usage.h>

namespace curfew {

// A sandbox's state, each an object of its own type.
enum class SandboxStage : std::uint8_t {
    proto,    // ProtoSandbox
    runtime,  // Sandbox
    loaded,   // LoadedSandbox
};

// The events. `sandbox` is a number that no other sandbox of the process has had. It stays the same from load_runtime() or
// from_snapshot() to the end, through load(), restore(), unload() and every move; a ProtoSandbox has one of its own.
namespace observed {

// build(), load_runtime() or LoadedSandbox::from_snapshot() succeeded.
struct SandboxMade {
    std::uint64_t sandbox;
    SandboxStage stage;
    std::span<const std::string> handlers;  // of one from a snapshot
    Engine engine;
    bool jitless;  // Node.js without V8's compiler
};

// load() succeeded: its stage is `loaded`.
struct SandboxLoaded {
    std::uint64_t sandbox;
    std::span<const std::string> handlers;
};

// restore() succeeded, also one that a pool makes.
struct SandboxRestored {
    std::uint64_t sandbox;
};

// unload() succeeded: its stage is `runtime`.
struct SandboxUnloaded {
    std::uint64_t sandbox;
};

// It is gone: destroyed, or a ProtoSandbox that load_runtime() has consumed. Last of its events.
struct SandboxDropped {
    std::uint64_t sandbox;
    SandboxStage stage;  // the one that it was in
};

// Monitors are about to be started.
struct InvocationBegun {
    std::uint64_t sandbox;
    std::string_view handler;           // empty: a load, of all handlers that were added
    bool collects_garbage;              // CallOptions::collect_garbage; false for a load
    const std::any* context = nullptr;  // CallOptions::context; null for a load
};

enum class InvocationOutcome : std::uint8_t {
    completed,    // there is a result
    failed,       // the guest failed: it threw, the event was no JSON, the cell died
    terminated,   // a monitor or a kill ended it: error->terminated_by says who
    not_started,  // a monitor did not start, or had fired before; nothing was run
};

// Once for each InvocationBegun, whatever happens.
struct InvocationEnded {
    std::uint64_t sandbox;
    std::string_view handler;
    bool collects_garbage;
    InvocationOutcome outcome;
    const Error* error;  // what the caller gets; null if completed. Its message and stack are hostile text
    const Usage& usage;
    const std::any* context = nullptr;
};

// The guest calls a function that is registered, and the invocation has not been ended. A call that names no function, or
// that a HostCallMonitor ends, calls nothing, and so is not told.
struct HostCallBegun {
    std::uint64_t sandbox;
    std::string_view handler;
    std::string_view module;
    std::string_view function;
    const std::any* context = nullptr;
};

enum class HostCallOutcome : std::uint8_t {
    returned,
    failed,  // the function threw, did not take the arguments, or gave no answer: the guest gets an exception
};

// Once for each HostCallBegun. Of an asynchronous function: when the guest gets its answer, or nobody waits for it any more.
struct HostCallEnded {
    std::uint64_t sandbox;
    std::string_view handler;
    std::string_view module;
    std::string_view function;
    std::chrono::nanoseconds time;
    HostCallOutcome outcome;
    std::string_view error;  // what the guest is told; empty if it returned. Hostile text
    const std::any* context = nullptr;
};

// The guest has printed: a whole text of print(), or of one of the console's functions, without the line feed at its end.
struct Printed {
    std::uint64_t sandbox;
    std::string_view handler;  // empty while scripts are loaded
    PrintLevel level;
    std::string_view text;  // hostile text
    bool taken;             // the sandbox has a print function, which gets it after its observers
    const std::any* context = nullptr;
};

// The guest did what no script can make it do: somebody runs native code of his own choice in its cell. Whatever that was, it was
// refused, and the sandbox is poisoned or was killed; but somebody is trying to break out.
enum class AlarmKind : std::uint8_t {
    refused_system_call,  // it made one that cells may not make
    broken_protocol,      // its messages to the host made no sense
    ran_between_calls,    // it used the CPU when it had nothing to do
};

// In an invocation, or when its sandbox is restored, unloaded or destroyed, where it is found only then.
struct Alarm {
    std::uint64_t sandbox;
    std::string_view handler;  // of the invocation; empty: none, or a load
    AlarmKind kind;
    std::string_view text;  // what was found, a sentence without its full stop. Hostile text
};

// An engine that is not part of the library is there for this process: once for each, and for each with and without a compiler, when it
// is first needed. Of no sandbox, and
// told to the process's observers only.
struct EngineReady {
    Engine engine;
    bool jitless;
    bool was_made;                  // its image was in no cache, and was made
    std::chrono::nanoseconds time;  // that it took
    std::string_view image;         // the image's file; empty: it is in this process's memory only
    std::string_view warning;  // what is wrong with the cache, a sentence without its full stop; empty if nothing is
};

}  // namespace observed

// "refused_system_call", "broken_protocol", "ran_between_calls".
CURFEW_EXPORT std::string_view to_string(observed::AlarmKind kind) noexcept;

// What a program implements: those functions that it wants. Beside these there are, from MonitorObserver
// (<curfew/monitor/observer.h>), terminated() and warned(), for sandboxes and for supervise. kill() is no monitor, so what it
// ends is told by invocation_ended only.
class CURFEW_EXPORT Observer : public MonitorObserver {
  public:
    virtual void sandbox_made(const observed::SandboxMade& /*event*/) noexcept {}
    virtual void sandbox_loaded(const observed::SandboxLoaded& /*event*/) noexcept {}
    virtual void sandbox_restored(const observed::SandboxRestored& /*event*/) noexcept {}
    virtual void sandbox_unloaded(const observed::SandboxUnloaded& /*event*/) noexcept {}
    virtual void sandbox_dropped(const observed::SandboxDropped& /*event*/) noexcept {}
    virtual void invocation_begun(const observed::InvocationBegun& /*event*/) noexcept {}
    virtual void invocation_ended(const observed::InvocationEnded& /*event*/) noexcept {}
    virtual void host_call_begun(const observed::HostCallBegun& /*event*/) noexcept {}
    virtual void host_call_ended(const observed::HostCallEnded& /*event*/) noexcept {}
    virtual void printed(const observed::Printed& /*event*/) noexcept {}
    virtual void alarmed(const observed::Alarm& /*event*/) noexcept {}
    virtual void engine_ready(const observed::EngineReady& /*event*/) noexcept {}
};

class ObserverRegistration;
[[nodiscard]] CURFEW_EXPORT ObserverRegistration add_observer(std::shared_ptr<Observer> observer);

// Keeps an observer of the process; its end, or remove(), takes it away. An event that is being told at that moment may still
// reach it, none that happens later. The observer is let go when no thread is telling it anything; a sandbox that has told
// it something may hold it until its next event or its end.
class CURFEW_EXPORT ObserverRegistration {
  public:
    ObserverRegistration() noexcept = default;  // of nobody
    ObserverRegistration(ObserverRegistration&& other) noexcept : id_(std::exchange(other.id_, 0)) {}
    ObserverRegistration& operator=(ObserverRegistration&& other) noexcept {
        std::swap(id_, other.id_);
        return *this;
    }
    ~ObserverRegistration() { remove(); }

    // Puts another in its place: every event reaches one of the two, none both. Null: as remove().
    void replace(std::shared_ptr<Observer> observer);

    void remove() noexcept;
    explicit operator bool() const noexcept { return id_ != 0; }

  private:
    friend ObserverRegistration add_observer(std::shared_ptr<Observer> observer);
    std::uint64_t id_ = 0;
};

// From now on the observer is told of everything in this process. Thread-safe, also while calls run. Throws
// std::invalid_argument for null. One that is still there when the program's static objects are destroyed is told on, of what
// sandboxes among them do, and is never destroyed itself.
[[nodiscard]] CURFEW_EXPORT ObserverRegistration add_observer(std::shared_ptr<Observer> observer);

// How many objects of each stage exist now, for observers that come late: who reads this whenever it hears sandbox_made,
// _loaded, _unloaded or _dropped, with a lock of its own around reading and showing, always shows the truth in the end.
struct SandboxCounts {
    std::uint64_t proto = 0;
    std::uint64_t runtime = 0;
    std::uint64_t loaded = 0;

    friend bool operator==(const SandboxCounts&, const SandboxCounts&) = default;
};
[[nodiscard]] CURFEW_EXPORT SandboxCounts sandbox_counts() noexcept;

}  // namespace curfew

#endif
