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

class Session {
  public:
    // Of the operation that is running; else of JavaScript's thread.
    std::variant<std::monostate, Sandbox, LoadedSandbox> state;

    // --- Of JavaScript's thread ---

    std::shared_ptr<Operation> running;
    bool closed = false;
    bool weighs = false;

    bool poisoned() const noexcept {
        const auto* loaded = std::get_if<LoadedSandbox>(&state);
        return loaded != nullptr && loaded->poisoned();
    }
};

using SessionPointer = std::shared_ptr<Session>;

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

// What JavaScript's object holds.
struct SessionHandle {
    napi_env env;
    SessionPointer session;

    explicit SessionHandle(napi_env in) : env(in), session(make_session(in)) {}
    SessionHandle(SessionHandle&&) = default;
    SessionHandle& operator=(SessionHandle&&) = delete;
    ~SessionHandle() {
        if (session) weigh(false);
    }

    void weigh(bool weighs) noexcept {
        if (std::exchange(session->weighs, weighs) == weighs) return;
        std::int64_t total = 0;
        napi_adjust_external_memory(env, weighs ? kWeight : -kWeight, &total);
    }
};

SessionHandle& handle_of(const Call& call) {
    return from_handle<SessionHandle>(call.env(), kSessionTag, call[0], "sandbox");
}

// One that nothing is done with at this time.
SessionPointer session_of(const Call& call) {
    const SessionPointer& session = handle_of(call).session;
    if (session->running) throw std::logic_error("the sandbox is in the middle of something");
    return session;
}

void start(const Call& call, const SessionPointer& session, Operation::Work work) {
    session->running = Operation::start(
        call.env(), call[1],
        [session, work = std::move(work)](Operation& operation, Outcome& outcome) {
            work(operation, outcome);
            outcome.poisoned = session->poisoned();
        },
        [session] { session->running.reset(); });
}

template <typename T>
void settle(Outcome& outcome, Session& session, Result<T> made) {
    if (made) {
        session.state.emplace<T>(std::move(*made));
    } else {
        outcome.error = std::move(made.error());
    }
}

std::vector<AnyMonitor> monitors_of(Operation& operation, const std::vector<AnyMonitor>& limits) {
    std::vector<AnyMonitor> monitors = limits;
    monitors.emplace_back(StopTokenMonitor(operation.stop().get_token()));
    return monitors;
}

// --- The functions; each takes the session, and those that are operations their listener behind it ---

napi_value open(const Call& call) { return make_handle(call.env(), kSessionTag, SessionHandle(call.env())); }

// create(session, listener, options)
napi_value create(const Call& call) {
    const SessionPointer session = session_of(call);
    handle_of(call).weigh(true);
    start(call, session,
          [session, builder = builder_of(call.env(), call[2]), tools = tools_of(call.env(), call[2])](
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
          [session, builder = builder_of(call.env(), call[2]), tools = tools_of(call.env(), call[2]),
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

// load(session, listener, limits, whether there are handlers). On failure there is a sandbox that can load again.
napi_value load(const Call& call) {
    const SessionPointer session = session_of(call);
    start(call, session,
          [session, limits = limits_of(call.env(), call[2]), has_handlers = bool_of(call.env(), call[3])](
              Operation& operation, Outcome& outcome) {
              auto* sandbox = std::get_if<Sandbox>(&session->state);
              if (sandbox == nullptr) {
                  outcome.error = wrong_state("sandbox without handlers");
              } else if (has_handlers) {
                  settle(outcome, *session, std::move(*sandbox).load(monitors_of(operation, limits)));
              } else {
                  settle(outcome, *session, std::move(*sandbox).load_without_handlers());
              }
          });
    return undefined(call.env());
}

void note_result(Outcome& outcome, Result<EventResult> done) {
    if (done) {
        outcome.text = std::move(done->result);
        outcome.usage = done->usage;
    } else {
        outcome.error = std::move(done.error());
    }
}

// Runs something in a loaded sandbox: Result<EventResult>(LoadedSandbox&, monitors).
template <typename Invoke>
void invoke(const Call& call, napi_value limits, Invoke work) {
    const SessionPointer session = session_of(call);
    start(call, session,
          [session, given = limits_of(call.env(), limits), work = std::move(work)](Operation& operation,
                                                                                   Outcome& outcome) {
              if (auto* loaded = std::get_if<LoadedSandbox>(&session->state)) {
                  note_result(outcome, work(*loaded, monitors_of(operation, given)));
              } else {
                  outcome.error = wrong_state("sandbox with handlers");
              }
          });
}

using Monitors = std::vector<AnyMonitor>;

// call(session, listener, handler, event, limits, collect garbage)
napi_value call_handler(const Call& call) {
    const CallOptions options{.collect_garbage = bool_of(call.env(), call[5])};
    invoke(call, call[4],
           [handler = text_of(call.env(), call[2]), event = text_of(call.env(), call[3]), options](
               LoadedSandbox& loaded, const Monitors& monitors) {
               return loaded.handle_event(handler, event, monitors, options);
           });
    return undefined(call.env());
}

// evaluate(session, listener, program, limits, collect garbage)
napi_value evaluate(const Call& call) {
    const CallOptions options{.collect_garbage = bool_of(call.env(), call[4])};
    invoke(
        call, call[3],
        [program = Script::from_program(text_of(call.env(), call[2])), options](
            LoadedSandbox& loaded, const Monitors& monitors) { return loaded.evaluate(program, monitors, options); });
    return undefined(call.env());
}

// addLater(session, listener, name, source, file, limits): a handler for a sandbox that was loaded.
napi_value add_later(const Call& call) {
    napi_env env = call.env();
    invoke(call, call[5],
           [name = text_of(env, call[2]), script = Script::from_content(text_of(env, call[3]), text_of(env, call[4]))](
               LoadedSandbox& loaded, const Monitors& monitors) -> Result<EventResult> {
               auto done = loaded.add_handler(name, script, monitors);
               if (!done) return std::unexpected(std::move(done.error()));
               return EventResult{.result = "null", .usage = {}};
           });
    return undefined(env);
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

// restore(session, listener, snapshot)
napi_value restore(const Call& call) {
    const SessionPointer session = session_of(call);
    start(call, session, [session, snapshot = snapshot_of(call.env(), call[2])](Operation&, Outcome& outcome) {
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

// kill(session): ends what is running, whether it has begun or not. Whether there was anything.
napi_value kill(const Call& call) {
    const SessionPointer& session = handle_of(call).session;
    const bool was_running = session->running != nullptr && session->running->stop().request_stop();
    return to_js(call.env(), was_running);
}

// close(session): frees the cell. What is running is ended, and hears of it.
napi_value close(const Call& call) {
    SessionHandle& handle = handle_of(call);
    if (std::exchange(handle.session->closed, true)) return undefined(call.env());
    if (handle.session->running) handle.session->running->stop().request_stop();
    handle.weigh(false);
    handle.session = make_session(call.env());
    handle.session->closed = true;
    return undefined(call.env());
}

// --- Handlers and modules, which are noted at once. Null, or what is wrong ---

napi_value noted(const Call& call, const Result<void>& done) {
    if (!done) return error_to_js(call.env(), done.error());
    napi_value nothing = nullptr;
    check(call.env(), napi_get_null(call.env(), &nothing));
    return nothing;
}

template <typename Work>
napi_value note(const Call& call, Work work) {
    const SessionPointer session = session_of(call);
    auto* sandbox = std::get_if<Sandbox>(&session->state);
    if (sandbox == nullptr) return noted(call, std::unexpected(wrong_state("sandbox without handlers")));
    return noted(call, work(*sandbox));
}

// addHandler(session, name, source, file)
napi_value add_handler(const Call& call) {
    return note(call, [&](Sandbox& sandbox) {
        return sandbox.add_handler(text_of(call.env(), call[1]),
                                   Script::from_content(text_of(call.env(), call[2]), text_of(call.env(), call[3])));
    });
}

// removeHandler(session, name)
napi_value remove_handler(const Call& call) {
    return note(call, [&](Sandbox& sandbox) { return sandbox.remove_handler(text_of(call.env(), call[1])); });
}

// clearHandlers(session)
napi_value clear_handlers(const Call& call) {
    return note(call, [&](Sandbox& sandbox) {
        sandbox.clear_handlers();
        return Result<void>();
    });
}

// addModule(session, name, source, space)
napi_value add_module(const Call& call) {
    return note(call, [&](Sandbox& sandbox) {
        return sandbox.add_module(text_of(call.env(), call[1]), text_of(call.env(), call[2]),
                                  text_of(call.env(), call[3]));
    });
}

// removeModule(session, name, space)
napi_value remove_module(const Call& call) {
    return note(call, [&](Sandbox& sandbox) {
        return sandbox.remove_module(text_of(call.env(), call[1]), text_of(call.env(), call[2]));
    });
}

// clearModules(session)
napi_value clear_modules(const Call& call) {
    return note(call, [&](Sandbox& sandbox) {
        sandbox.clear_modules();
        return Result<void>();
    });
}

}  // namespace

void export_session(napi_env env, napi_value exports) {
    export_function(env, exports, "open", entry<open>);
    export_function(env, exports, "create", entry<create>);
    export_function(env, exports, "start", entry<start_from>);
    export_function(env, exports, "load", entry<load>);
    export_function(env, exports, "call", entry<call_handler>);
    export_function(env, exports, "evaluate", entry<evaluate>);
    export_function(env, exports, "addLater", entry<add_later>);
    export_function(env, exports, "snapshot", entry<snapshot>);
    export_function(env, exports, "restore", entry<restore>);
    export_function(env, exports, "unload", entry<unload>);
    export_function(env, exports, "kill", entry<kill>);
    export_function(env, exports, "close", entry<close>);
    export_function(env, exports, "addHandler", entry<add_handler>);
    export_function(env, exports, "removeHandler", entry<remove_handler>);
    export_function(env, exports, "clearHandlers", entry<clear_handlers>);
    export_function(env, exports, "addModule", entry<add_module>);
    export_function(env, exports, "removeModule", entry<remove_module>);
    export_function(env, exports, "clearModules", entry<clear_modules>);
}

}  // namespace curfew::node
