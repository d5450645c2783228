// A sandbox's life: build it, load its runtime, add handlers, load them, call them.
//
//   SandboxBuilder --build--> ProtoSandbox --load_runtime--> Sandbox --load--> LoadedSandbox
//                                                               ^                   |
//                                                               +------unload-------+
//
// A step that succeeds consumes the object that it starts from; using a consumed or moved-from object is an error with
// code `consumed`, never undefined behaviour. A step that fails leaves its object as it was.
//
// A sandbox is used by one thread at a time, whichever that is; different sandboxes share nothing and may be used by
// different threads at once. Only InterruptHandle may be used while a call is running. A sandbox belongs to the process
// that made it: in a forked child everything fails with `invalid_argument`, and destroying it does nothing to the parent's.
#ifndef CURFEW_SANDBOX_H
#define CURFEW_SANDBOX_H

#include <curfew/language.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <curfew/call_options.h>
#include <curfew/call_trace.h>
#include <curfew/callback.h>
#include <curfew/cgroup.h>
#include <curfew/engine.h>
#include <curfew/error.h>
#include <curfew/export.h>
#include <curfew/file_system.h>
#include <curfew/interrupt_handle.h>
#include <curfew/isolation.h>
#include <curfew/monitor/any_monitor.h>
#include <curfew/monitor/monitor_set.h>
#include <curfew/print.h>
#include <curfew/print_level.h>
#include <curfew/script.h>
#include <curfew/snapshot.h>
#include <curfew/threads.h>

namespace curfew {

namespace sandbox {
class Core;
class PoolState;
struct Config;
struct HostModules;
}  // namespace sandbox

class CallContext;
class FetchTransport;
class HostModule;
class Observer;
class PendingInvocation;
class ProtoSandbox;
class Sandbox;
class LoadedSandbox;
class SandboxPool;
struct FetchPolicy;

// What a sandbox is made of. A plain value; every setter returns the builder, and nothing is checked before build().
class CURFEW_EXPORT SandboxBuilder {
  public:
    static constexpr std::uint64_t kDefaultHeapSize = 16 << 20;
    static constexpr std::uint64_t kDefaultStackSize = 1 << 20;
    static constexpr std::uint64_t kDefaultOutputLimit = 16 << 20;
    static constexpr std::uint64_t kLeastBytesPrinted = 16;
    static constexpr std::uint64_t kDefaultHostArgumentLimit = 1 << 20;
    static constexpr std::size_t kDefaultOpenHostCalls = 64;
    static constexpr std::chrono::seconds kDefaultWallLimit{30};

    SandboxBuilder();
    SandboxBuilder(const SandboxBuilder&);
    SandboxBuilder& operator=(const SandboxBuilder&);
    ~SandboxBuilder();

    // Bytes that handlers and the runtime may allocate: 1 MiB to 64 GiB, rounded up to whole pages. Memory is taken
    // from the machine only as it is touched.
    SandboxBuilder& with_heap_size(std::uint64_t bytes);

    // Bytes of the guest's stack: 256 KiB to 60 MiB, rounded up to whole pages.
    SandboxBuilder& with_stack_size(std::uint64_t bytes);

    // Who gets what the guest prints. Without one it reaches nobody but observers, such as the log
    // (curfew/spdlog.h).
    SandboxBuilder& with_print(PrintFunction print);
    SandboxBuilder& with_call_trace(CallTrace trace);  // of refused system calls: <curfew/call_trace.h>

    // The same for one that wants to know which call prints, and for whom: (const CallContext&, PrintLevel, std::string_view).
    template <typename F>
        requires std::is_invocable_v<std::decay_t<F>&, const CallContext&, PrintLevel, std::string_view>
    SandboxBuilder& with_print(F&& print) {
        return with_context_print(ContextPrintFunction(std::forward<F>(print)));
    }

    // Bytes that one invocation may print, whatever its monitors allow; one that prints more is ended as by an
    // OutputMonitor: `cancelled`, by "output". Counted is what a print function gets, with the line feeds of console's
    // texts, whether there is one or not; and each text as kLeastBytesPrinted at least, so that also the number of texts
    // is bounded. See Usage::bytes_printed.
    SandboxBuilder& with_output_limit(std::uint64_t bytes);

    // Lets scripts fetch what the policy allows; without it fetch() fails. See <curfew/fetch.h>. Its calls count as host calls.
    SandboxBuilder& with_fetch(const FetchPolicy& policy, std::shared_ptr<FetchTransport> transport);

    // Bytes that the arguments of one host call may have together: as JSON or bytes, as they are passed, and 8 more for each. A call with more throws
    // in the handler, and reaches neither the function nor the host's memory. As values in the host, arguments take many times as much for the time
    // of the call; see docs/host-functions.md.
    SandboxBuilder& with_host_argument_limit(std::uint64_t bytes);

    // How many calls of asynchronous host functions an invocation may have open, unanswered or with an answer that it has not
    // taken yet: kDefaultOpenHostCalls unless this is called. One more throws in the handler, and calls nothing.
    SandboxBuilder& with_open_host_calls(std::size_t most);

    // HostThread::kept unless this is called. HostThread::callers is for functions that need their caller's thread, for what it
    // has thread-local for example, and saves two hand-overs between threads in each call; see docs/host-functions.md.
    SandboxBuilder& with_host_thread(HostThread thread);

    SandboxBuilder& with_wait_mode(WaitMode mode);

    // What handlers have to measure with, what a restore leaves, and whose branch predictions have an effect: SideChannels::basic, RestoreMode::fast
    // and BranchBarrier::none if these are not called. A snapshot keeps all three. A sandbox that starts from it at a host with other settings has
    // the stricter ones.
    SandboxBuilder& with_side_channels(SideChannels side_channels);
    SandboxBuilder& with_restore_mode(RestoreMode mode);
    SandboxBuilder& with_branch_barrier(BranchBarrier barrier);

    // Everything that is strict, together: for tenants who may be after each other's secrets. Means the settings above, with
    // BranchBarrier::where_possible unless more was asked for before; what comes to be part of it later is switched on as well. docs/security.md has
    // what it costs.
    SandboxBuilder& with_strict_isolation();

    // Puts the sandbox's cell into a control group of its own (cgroup v2), under these limits; see <curfew/cgroup.h>. What starts from a snapshot of
    // it gets one of its own with the same limits; the sandboxes of a SandboxPool share one. Not part of a snapshot's file.
    SandboxBuilder& with_cgroup(CgroupLimits limits);

    // What runs the scripts; default_engine() if this is not called.
    SandboxBuilder& with_engine(Engine engine);

    // Whether V8 does without its compiler: then no page of a cell is ever writable and executable, and there is no WebAssembly
    // (docs/security.md). Snapshots keep it. If this is not called: what CURFEW_JITLESS in the environment says, or else it is not so.
    SandboxBuilder& with_jitless(bool jitless = true);

    // The files that scripts and their modules can import, and read: all of them. Without any, importing a file is an
    // error. See docs/modules.md. It may be shared by any number of builders.
    SandboxBuilder& with_modules(std::shared_ptr<const FileSystem> files);

    // Monitors for every load() and handle_event(), besides with_default_wall_limit(). A call's own monitor takes the place
    // of a default of the same name; a soft one only that of a soft one.
    SandboxBuilder& with_default_monitors(std::vector<AnyMonitor> monitors);

    // How long one load() or handle_event() may take, if nobody says otherwise: kDefaultWallLimit unless this is called. It is a WallClockMonitor among the
    // default monitors, so that it also ends a handler that sleeps, which a limit of CPU time never does. A call's own WallClockMonitor takes its place, and
    // so does one of with_default_monitors().
    SandboxBuilder& with_default_wall_limit(std::chrono::nanoseconds limit);

    // No such limit: what has no monitor runs for as long as it likes.
    SandboxBuilder& without_default_wall_limit();

    // Who is told of what happens to the sandbox, besides the process's observers; see <curfew/observer.h>. One more with each call, in their order.
    // It goes on with what is made of the sandbox: its snapshots and the sandboxes that start from them. Throws std::invalid_argument for null.
    SandboxBuilder& with_observer(std::shared_ptr<Observer> observer);

    // Fails with `invalid_argument` for a size out of range, an engine that this build does not have, a default wall limit of zero or less, a
    // default monitor that was moved from, a fetch policy or limits of a cgroup that make no sense; `unavailable` where such a cgroup cannot be made.
    [[nodiscard]] Result<ProtoSandbox> build() const;

  private:
    SandboxBuilder& with_context_print(ContextPrintFunction print);
    std::unique_ptr<sandbox::Config> config_;
};

// A configuration that was checked.
class CURFEW_EXPORT ProtoSandbox {
  public:
    ProtoSandbox(ProtoSandbox&&) noexcept;
    ProtoSandbox& operator=(ProtoSandbox&&) noexcept;
    ~ProtoSandbox();

    // The functions of the host that scripts can import under this name; see <curfew/host_module.h>, which has to be
    // included to add some. A module is there from the first time that it is asked for. It takes the place of a module
    // of the guest's own with the same name. Throws std::logic_error if this object was consumed or moved from, and
    // std::invalid_argument for a name that is empty, not UTF-8, longer than 255 bytes or holds NUL. A name that begins with
    // "host:" is that of a module which scripts can import by this whole name only, and which takes no other one's place; the
    // same module cannot also be there without it: std::invalid_argument.
    HostModule& host_module(std::string_view name);

    // The host functions as TypeScript declares them, a `declare module` for each module: for people and language models who
    // write code that calls them. HostModule::describe() adds to what their types say. Throws as host_module() does.
    [[nodiscard]] std::string describe() const;

    // Makes the cell and starts the runtime in it. Fails with `unavailable` where this machine cannot isolate a cell,
    // and with `invalid_argument` if the heap is too small for the runtime to start.
    [[nodiscard]] Result<Sandbox> load_runtime() &&;

  private:
    friend class SandboxBuilder;
    friend class Sandbox;
    friend class LoadedSandbox;
    friend class SandboxPool;
    explicit ProtoSandbox(std::unique_ptr<sandbox::Config> config);
    [[nodiscard]] Result<ProtoSandbox> copy() const;
    std::unique_ptr<sandbox::Config> config_;
    std::unique_ptr<sandbox::HostModules> host_modules_;
};

// A running runtime without handlers.
class CURFEW_EXPORT Sandbox {
  public:
    static constexpr std::size_t kMaxHandlers = 4096;

    Sandbox(Sandbox&&) noexcept;
    Sandbox& operator=(Sandbox&&) noexcept;
    ~Sandbox();

    // Handlers are only noted here, and compiled by load() in the order in which they were added. Names are any
    // UTF-8 without NUL, up to 255 bytes; a script's own name may have up to 4096 (FileSystem::kLongestPath). Fails with
    // `invalid_argument` for an empty name, one that is taken, and if there are kMaxHandlers already.
    [[nodiscard]] Result<void> add_handler(std::string name, Script script);

    // Fails with `invalid_argument` if there is no handler of that name.
    [[nodiscard]] Result<void> remove_handler(std::string_view name);

    void clear_handlers() noexcept;

    // Saves what was added and not loaded yet, with the sandbox's settings: a snapshot of kind `sandbox`. Nothing is run.
    [[nodiscard]] Result<Snapshot> snapshot();

    // Goes back to a snapshot of kind `sandbox`: what was added since is gone, what was added then is there again. Fails with
    // `invalid_argument` for a snapshot of the other kind, and where LoadedSandbox::restore does; nothing has changed then.
    [[nodiscard]] Result<void> restore(const Snapshot& snapshot);

    // A new sandbox from a snapshot of kind `sandbox`; as LoadedSandbox::from_snapshot, also in what it takes from `host`.
    [[nodiscard]] static Result<Sandbox> from_snapshot(const Snapshot& snapshot);
    [[nodiscard]] static Result<Sandbox> from_snapshot(const Snapshot& snapshot, const ProtoSandbox& host);

    // Source that handlers, other modules and programs import as `space:name`, "user:tools" say; see docs/modules.md. It is
    // compiled and run when it is first imported, in whatever order modules were added, and is there until unload(). Fails with
    // `invalid_argument` for a name or space that is empty or blank, longer than 256 bytes, not UTF-8, has a colon or control
    // characters; for the spaces "host", "node", "file" and "data"; for one that is there; and for a text that is not UTF-8.
    [[nodiscard]] Result<void> add_module(std::string_view name, std::string source, std::string_view space = "user");

    // Fails with `invalid_argument` if there is no such module.
    [[nodiscard]] Result<void> remove_module(std::string_view name, std::string_view space = "user");

    void clear_modules() noexcept;

    // Runs every script's top level, under the monitors: loading is an invocation too. On failure nothing was loaded,
    // the handlers are still noted, and the sandbox can load again, also after a monitor ended it. Fails with
    // `invalid_argument` if no handler was added, with `handler_error` if a script does not compile, throws, or
    // has no handler.
    template <typename Monitors = std::tuple<>>  // a MonitorSet
    [[nodiscard]] Result<LoadedSandbox> load(const Monitors& monitors = {}) &&;

    // A loaded sandbox without handlers, for LoadedSandbox::evaluate() and add_handler(). Nothing runs. Fails with
    // `invalid_argument` if a handler was added, which load() is for.
    [[nodiscard]] Result<LoadedSandbox> load_without_handlers() &&;

    // Ends a load() that is running; the LoadedSandbox that comes of it has the same handle.
    [[nodiscard]] InterruptHandle interrupt_handle() const;

  private:
    friend class ProtoSandbox;
    friend class LoadedSandbox;
    explicit Sandbox(std::unique_ptr<sandbox::Core> core);
    [[nodiscard]] Result<LoadedSandbox> load_with(MonitorList monitors);
    std::unique_ptr<sandbox::Core> core_;
};

// A runtime with handlers, ready for events.
class CURFEW_EXPORT LoadedSandbox {
  public:
    // A new sandbox in the state that was saved, with the settings and what else the saved one reached of its host. Its
    // host functions may then be called by several sandboxes at once. If the snapshot was read from a file, the host is
    // one that SandboxBuilder().build() makes, as below. Fails with `unavailable` where this machine cannot isolate a
    // cell, and with `invalid_argument` if the snapshot was read from a file and needs host functions, or is one of a Sandbox.
    [[nodiscard]] static Result<LoadedSandbox> from_snapshot(const Snapshot& snapshot);

    // The same, but print function, host modules with the limit of their arguments, module loader and default monitors are
    // those of `host`, which can serve any number of sandboxes. Heap and stack have the sizes that they were saved with; those of `host` are the
    // most that they may have. The wait mode is the one of `host`, the output limit the smaller of both; side channels,
    // restore mode and branch barrier are the stricter of both. Fails with
    // `invalid_argument` if heap or stack are larger, and if host functions of the saved sandbox are missing in
    // `host` or have another shape there; the message says what to do.
    [[nodiscard]] static Result<LoadedSandbox> from_snapshot(const Snapshot& snapshot, const ProtoSandbox& host);

    LoadedSandbox(LoadedSandbox&&) noexcept;
    LoadedSandbox& operator=(LoadedSandbox&&) noexcept;
    ~LoadedSandbox();

    // Calls a handler with an event and returns its result, both JSON unless `options` say otherwise. Blocks until the invocation is over; the
    // monitors hold from before the guest is entered until this returns. Fails with
    //   invalid_argument  there is no such handler, or the event is not JSON or CBOR (the message gives the place) or too large
    //   handler_error     the handler threw, or returned what cannot be passed; the sandbox can go on
    //   out_of_memory, stack_overflow  the handler did not catch the Error for it; the sandbox can go on
    //   cancelled         a monitor or a kill ended it; the sandbox is poisoned
    //   not_run           one had ended it before it could start; the sandbox is as it was
    //   guest_abort       the cell died or broke the protocol; the sandbox is poisoned
    //   monitor_failed    a monitor did not start; the handler was not run, the sandbox can go on
    //   poisoned          an earlier call was cut short
    // A host function must not use the sandbox that called it: `invalid_argument`. An exception poisons the sandbox.
    template <typename Monitors = std::tuple<>>  // a MonitorSet
    [[nodiscard]] Result<EventResult> handle_event(std::string_view handler, std::string_view event,
                                                   const Monitors& monitors = {}, CallOptions options = {});

    // The same with values. Include <curfew/value.h>. A result beyond Value::Bounds is a `handler_error`.
    template <typename Event, typename Monitors = std::tuple<>>
        requires std::same_as<Event, Value>
    [[nodiscard]] Result<ResultOf<Event>> handle_event(std::string_view handler, const Event& event,
                                                       const Monitors& monitors = {}, CallOptions options = {});

    // Evaluates a program (Script::from_program; any script's text is taken as one), in the state that what ran before has
    // left: names that a program declares at its top level are seen by later ones, and may be declared again. Fails as
    // handle_event() does; `handler_error` also for a program that does not compile. What ran before an error stays done. For
    // monitors and observers, the script's name stands in the place of a handler's.
    template <typename Monitors = std::tuple<>>  // a MonitorSet
    [[nodiscard]] Result<EventResult> evaluate(const Script& program, const Monitors& monitors = {},
                                               CallOptions options = {});
    template <typename Monitors = std::tuple<>>
    [[nodiscard]] Result<EventResult> evaluate(std::string_view program, const Monitors& monitors = {},
                                               CallOptions options = {});

    // Loads one more handler, and keeps the state; its script's top level runs under the monitors. Fails as
    // Sandbox::add_handler() and load() do. What the top level did before it threw stays done, and after an invocation that
    // was cut short the sandbox is poisoned.
    template <typename Monitors = std::tuple<>>  // a MonitorSet
    [[nodiscard]] Result<void> add_handler(std::string name, Script script, const Monitors& monitors = {});

    // The handler can no longer be called; what its script left in the sandbox stays. Fails with `invalid_argument` if there
    // is none of that name.
    [[nodiscard]] Result<void> remove_handler(std::string_view name);

    // The same without holding the thread while the handler waits: blocks until it waits or is over. Needs
    // <curfew/pending_invocation.h>. Copies the monitors. Fails as handle_event() does if nothing was run.
    template <typename Monitors = std::tuple<>>  // a MonitorSet
    [[nodiscard]] Result<PendingInvocation> begin_event(std::string_view handler, std::string_view event,
                                                        const Monitors& monitors = {}, CallOptions options = {});

    // The same with a value, whose result PendingInvocation::value_result() gives. Include <curfew/value.h>, too.
    template <typename Event, typename Monitors = std::tuple<>>
        requires std::same_as<Event, Value>
    [[nodiscard]] Result<PendingInvocation> begin_event(std::string_view handler, const Event& event,
                                                        const Monitors& monitors = {}, CallOptions options = {});

    // Whether it is in the middle of an invocation that was saved: until continue_event() goes on with that, only snapshot(),
    // restore() and unload() can be called.
    [[nodiscard]] bool waits() const noexcept;

    // Goes on with that invocation: nothing is run again. What it used before counts for the monitors, the time in the snapshot
    // does not. All open calls are answered by PendingInvocation::resume() and fail(). Its result has the format that it was begun
    // with. If it fails, it still waits: with `invalid_argument` if there is none, and if nothing was run, as when the limits are
    // used up.
    template <typename Monitors = std::tuple<>>  // a MonitorSet
    [[nodiscard]] Result<PendingInvocation> continue_event(const Monitors& monitors = {}, CallOptions options = {});

    // Saves the state of now, also while an invocation waits. An answer that has come, and that the handler has not taken yet, is
    // not in it: the call is open there. Fails with `poisoned` if there is no whole state to save.
    [[nodiscard]] Result<Snapshot> snapshot();

    // Goes back to a saved state; the sandbox is not poisoned afterwards. Any snapshot of a sandbox with the same engine,
    // heap and stack size, no other host functions and no stricter isolation will do (else: `invalid_argument`). Fastest for the snapshot that was restored last or that the
    // sandbox started from; for another one it starts a new cell. If it fails, the sandbox stays or becomes poisoned.
    [[nodiscard]] Result<void> restore(const Snapshot& snapshot);

    // Drops all handlers and their state; also when poisoned. The new Sandbox has no handlers.
    [[nodiscard]] Result<Sandbox> unload() &&;

    // True after an invocation that did not run to its end.
    [[nodiscard]] bool poisoned() const noexcept;

    [[nodiscard]] std::vector<std::string> handlers() const;

    // What runs the handlers. The first of engines() if this object was consumed or moved from.
    [[nodiscard]] Engine engine() const noexcept;

    [[nodiscard]] InterruptHandle interrupt_handle() const;

  private:
    friend class Sandbox;
    friend class SandboxPool;
    friend class sandbox::PoolState;
    explicit LoadedSandbox(std::unique_ptr<sandbox::Core> core);
    [[nodiscard]] Result<EventResult> handle_event_with(std::string_view handler, std::string_view event,
                                                        MonitorList monitors, CallOptions options);
    [[nodiscard]] Result<EventResult> evaluate_with(const Script& program, MonitorList monitors,
                                                    const CallOptions& options);
    [[nodiscard]] Result<void> add_handler_with(std::string name, Script script, MonitorList monitors);
    [[nodiscard]] Result<PendingInvocation> begin_event_with(std::string_view handler, std::string_view event,
                                                             sandbox::HeldMonitors monitors, CallOptions options);
    [[nodiscard]] Result<PendingInvocation> begin_value_with(std::string_view handler, const Value& event,
                                                             sandbox::HeldMonitors monitors, CallOptions options);
    [[nodiscard]] Result<PendingInvocation> continue_event_with(sandbox::HeldMonitors monitors, CallOptions options);
    [[nodiscard]] Result<ValueResult> handle_value_with(std::string_view handler, const Value& event,
                                                        MonitorList monitors, CallOptions options);
    std::unique_ptr<sandbox::Core> core_;
};

template <typename Monitors>
Result<LoadedSandbox> Sandbox::load(const Monitors& monitors) && {
    return load_with(monitor::list_of(monitors));
}

template <typename Monitors>
Result<EventResult> LoadedSandbox::handle_event(std::string_view handler, std::string_view event,
                                                const Monitors& monitors, CallOptions options) {
    return handle_event_with(handler, event, monitor::list_of(monitors), options);
}

template <typename Monitors>
Result<EventResult> LoadedSandbox::evaluate(const Script& program, const Monitors& monitors, CallOptions options) {
    return evaluate_with(program, monitor::list_of(monitors), options);
}

template <typename Monitors>
Result<EventResult> LoadedSandbox::evaluate(std::string_view program, const Monitors& monitors, CallOptions options) {
    return evaluate_with(Script::from_program(std::string(program)), monitor::list_of(monitors), options);
}

template <typename Monitors>
Result<void> LoadedSandbox::add_handler(std::string name, Script script, const Monitors& monitors) {
    return add_handler_with(std::move(name), std::move(script), monitor::list_of(monitors));
}

template <typename Event, typename Monitors>
    requires std::same_as<Event, Value>
Result<ResultOf<Event>> LoadedSandbox::handle_event(std::string_view handler, const Event& event,
                                                    const Monitors& monitors, CallOptions options) {
    return handle_value_with(handler, event, monitor::list_of(monitors), options);
}

}  // namespace curfew

#endif
