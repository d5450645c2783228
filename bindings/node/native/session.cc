#include "session.h"

#include <chrono>
#include <cmath>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include <curfew/curfew.h>

#include "environment.h"
#include "handle.h"
#include "operation.h"
#include "options.h"
#include "snapshots.h"
#include "workers.h"

namespace curfew::node {

namespace {

constexpr napi_type_tag kSessionTag{0x6375726665770002, 0x8e2d47a1c05f4d93};

// What a sandbox costs besides JavaScript's objects: a process and its pages. The collector is told, so that it looks for
// dropped sandboxes before there are thousands.
constexpr std::int64_t kWeight = 512 << 10;

// Ends a sandbox's cell where nobody waits for it, as that takes a while; but at once when JavaScript is ending.
struct DropSession {
    std::shared_ptr<Environment> environment;

    void operator()(Session* session) const noexcept {
        std::unique_ptr<Session> dropped(session);
        if (std::holds_alternative<std::monostate>(session->state) || environment->closing()) return;
        try {
            Workers::sweepers().run([held = std::move(dropped)]() mutable { held.reset(); });
        } catch (...) {  // NOLINT(bugprone-empty-catch): it is dropped here, then
        }
    }
};

SessionPointer make_session(napi_env env) { return SessionPointer(new Session, DropSession{Environment::of(env)}); }

}  // namespace

SessionHandle::SessionHandle(napi_env in) : env(in), session(make_session(in)) {}

SessionHandle::~SessionHandle() {
    if (session) weigh(false);
}

void SessionHandle::weigh(bool weighs) noexcept {
    if (std::exchange(session->weighs, weighs) == weighs) return;
    std::int64_t total = 0;
    napi_adjust_external_memory(env, weighs ? kWeight : -kWeight, &total);
}

SessionHandle& handle_of(const Call& call) {
    return from_handle<SessionHandle>(call.env(), kSessionTag, call[0], "sandbox");
}

SessionPointer session_of(const Call& call) {
    const SessionPointer& session = handle_of(call).session;
    if (session->running) throw std::logic_error("the sandbox is in the middle of something");
    return session;
}

void start(const Call& call, const SessionPointer& session, std::shared_ptr<Control> control, Operation::Work work) {
    session->running = Operation::start(
        call.env(), call[1], std::move(control),
        [session, work = std::move(work)](Operation& operation, Outcome& outcome) {
            work(operation, outcome);
            outcome.poisoned = session->poisoned();
        },
        [session](const Outcome& outcome) {
            const auto operation = std::exchange(session->running, nullptr);
            if (outcome.waiting) session->waiting = operation->shared_control();
            if (!session->pending) session->waiting = nullptr;
        });
}

void start(const Call& call, const SessionPointer& session, Operation::Work work) {
    start(call, session, std::make_shared<Control>(), std::move(work));
}

std::vector<AnyMonitor> monitors_of(const Control& control, const std::vector<AnyMonitor>& limits) {
    std::vector<AnyMonitor> monitors = limits;
    for (const CustomMonitor& custom : control.monitors) monitors.push_back(monitor_of(custom));
    monitors.emplace_back(StopTokenMonitor(control.stop.get_token()));
    return monitors;
}

Event event_of(napi_env env, napi_value value) {
    if (type_of(env, value) == napi_string) return {.data = text_of(env, value)};
    const auto bytes = bytes_of(env, value);
    if (!bytes) throw WrongType("an event is a text or a Uint8Array");
    return {.data = std::string(as_text(*bytes)), .format = ValueFormat::cbor};
}

void note(Outcome& outcome, EventResult result) {
    outcome.text = std::move(result.result);
    outcome.is_bytes = result.format == ValueFormat::cbor;
    outcome.usage = result.usage;
}

Script program_of(const Call& call, napi_value is_typescript) {
    std::string source = text_of(call.env(), call[2]);
    const bool typed = !is_nothing(call.env(), is_typescript) && bool_of(call.env(), is_typescript);
    return typed ? Script::typescript(std::move(source), "program.ts").as_program()
                 : Script::from_program(std::move(source));
}

namespace {

// --- The functions; each takes the session, and those that are operations their listener behind it ---

napi_value open(const Call& call) { return make_handle(call.env(), kSessionTag, SessionHandle(call.env())); }

// create(session, listener, options)
napi_value create(const Call& call) {
    const SessionPointer session = session_of(call);
    handle_of(call).weigh(true);
    start(call, session,
          [session, builder = builder_of(call.env(), call[2], session->prints), tools = tools_of(call.env(), call[2])](
              Operation&, Outcome& outcome) {
              auto proto = host_of(builder, tools);
              if (!proto) {
                  outcome.error = std::move(proto.error());
                  return;
              }
              settle(outcome, *session, std::move(*proto).load_runtime());
          });
    return undefined(call.env());
}

// start(session, listener, options, snapshot): from a snapshot, of either kind.
napi_value start_from(const Call& call) {
    const SessionPointer session = session_of(call);
    handle_of(call).weigh(true);
    start(call, session,
          [session, builder = builder_of(call.env(), call[2], session->prints), tools = tools_of(call.env(), call[2]),
           snapshot = snapshot_of(call.env(), call[3])](Operation&, Outcome& outcome) {
              auto host = host_of(builder, tools);
              if (!host) {
                  outcome.error = std::move(host.error());
              } else if (snapshot.kind() == SnapshotKind::loaded_sandbox) {
                  settle(outcome, *session, LoadedSandbox::from_snapshot(snapshot, *host));
              } else {
                  settle(outcome, *session, Sandbox::from_snapshot(snapshot, *host));
              }
          });
    return undefined(call.env());
}

// load(session, listener, limits, whether there are handlers, names of monitors). On failure there is a sandbox that can load
// again.
napi_value load(const Call& call) {
    const SessionPointer session = session_of(call);
    const auto control = std::make_shared<Control>();
    control->monitors = custom_monitors_of(call.env(), call[4]);
    start(call, session, control,
          [session, limits = limits_of(call.env(), call[2]), has_handlers = bool_of(call.env(), call[3])](
              Operation& operation, Outcome& outcome) {
              auto* sandbox = std::get_if<Sandbox>(&session->state);
              if (sandbox == nullptr) {
                  outcome.error = wrong_state("sandbox without handlers");
              } else if (has_handlers) {
                  settle(outcome, *session, std::move(*sandbox).load(monitors_of(operation.control(), limits)));
              } else {
                  settle(outcome, *session, std::move(*sandbox).load_without_handlers());
              }
          });
    return undefined(call.env());
}

// snapshot(session, listener)
napi_value snapshot(const Call& call) {
    const SessionPointer session = session_of(call);
    start(call, session, [session](Operation&, Outcome& outcome) {
        Result<Snapshot> taken = std::unexpected(wrong_state("sandbox"));
        if (auto* sandbox = std::get_if<Sandbox>(&session->state)) taken = sandbox->snapshot();
        if (auto* loaded = std::get_if<LoadedSandbox>(&session->state)) taken = loaded->snapshot();
        if (taken) {
            outcome.snapshot = std::move(*taken);
        } else {
            outcome.error = std::move(taken.error());
        }
    });
    return undefined(call.env());
}

// restore(session, listener, snapshot): ends an invocation that waits.
napi_value restore(const Call& call) {
    const SessionPointer session = session_of(call);
    start(call, session, [session, snapshot = snapshot_of(call.env(), call[2])](Operation&, Outcome& outcome) {
        session->pending.reset();
        Result<void> done = std::unexpected(wrong_state("sandbox"));
        if (auto* sandbox = std::get_if<Sandbox>(&session->state)) done = sandbox->restore(snapshot);
        if (auto* loaded = std::get_if<LoadedSandbox>(&session->state)) done = loaded->restore(snapshot);
        if (!done) outcome.error = std::move(done.error());
    });
    return undefined(call.env());
}

// unload(session, listener)
napi_value unload(const Call& call) {
    const SessionPointer session = session_of(call);
    start(call, session, [session](Operation&, Outcome& outcome) {
        auto* loaded = std::get_if<LoadedSandbox>(&session->state);
        if (loaded == nullptr) {
            outcome.error = wrong_state("sandbox with handlers");
            return;
        }
        settle(outcome, *session, std::move(*loaded).unload());
    });
    return undefined(call.env());
}

// kill(session): ends what is running, whether it has begun or not, and what waits. Whether there was anything.
napi_value kill(const Call& call) {
    const SessionPointer& session = handle_of(call).session;
    const bool was_running = session->running != nullptr && session->running->control().stop.request_stop();
    const bool was_waiting = session->waiting != nullptr && session->waiting->stop.request_stop();
    return to_js(call.env(), was_running || was_waiting);
}

// listen(session, whether): to what is printed from now on.
napi_value listen(const Call& call) {
    handle_of(call).session->prints->store(bool_of(call.env(), call[1]));
    return undefined(call.env());
}

// close(session): frees the cell. What is running is ended, and hears of it.
napi_value close(const Call& call) {
    SessionHandle& handle = handle_of(call);
    if (std::exchange(handle.session->closed, true)) return undefined(call.env());
    if (handle.session->running) handle.session->running->control().stop.request_stop();
    handle.watch.reset();
    handle.weigh(false);
    handle.session = make_session(call.env());
    handle.session->closed = true;
    return undefined(call.env());
}

}  // namespace

void export_session(napi_env env, napi_value exports) {
    export_function(env, exports, "open", entry<open>);
    export_function(env, exports, "create", entry<create>);
    export_function(env, exports, "start", entry<start_from>);
    export_function(env, exports, "load", entry<load>);
    export_function(env, exports, "snapshot", entry<snapshot>);
    export_function(env, exports, "restore", entry<restore>);
    export_function(env, exports, "unload", entry<unload>);
    export_function(env, exports, "kill", entry<kill>);
    export_function(env, exports, "listen", entry<listen>);
    export_function(env, exports, "close", entry<close>);
}

}  // namespace curfew::node
