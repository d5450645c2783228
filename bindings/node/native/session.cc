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
#include "snapshots.h"
#include "workers.h"

namespace curfew::node {

namespace {

constexpr napi_type_tag kSessionTag{0x6375726665770002, 0x8e2d47a1c05f4d93};

// What a sandbox costs besides JavaScript's objects: a process and its pages. The collector is told, so that it looks for
// dropped sandboxes before there are thousands.
constexpr std::int64_t kWeight = 2 << 20;

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
            Workers::shared().run([held = std::move(dropped)]() mutable { held.reset(); });
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

Error wrong_state(const char* wanted) {
    return {.code = ErrorCode::consumed, .message = std::string("there is no ") + wanted + " here any more"};
}

// --- What sandboxes are made of ---

// Numbers of JavaScript, in milliseconds.
std::chrono::nanoseconds duration_of(double milliseconds) {
    constexpr double kLongest = 1e15;
    return std::chrono::nanoseconds(static_cast<std::int64_t>(std::min(milliseconds * 1e6, kLongest * 1e3)));
}

template <typename Set>
void with_number(napi_env env, napi_value options, const char* name, Set set) {
    napi_value value = property(env, options, name);
    if (is_nothing(env, value)) return;
    const double number = number_of(env, value);
    if (!(number >= 0 && number <= 9007199254740991)) {
        throw WrongType(std::string(name) + " should be a number of zero or more");
    }
    set(number);
}

SandboxBuilder builder_of(napi_env env, napi_value options) {
    SandboxBuilder builder;
    const auto size = [](double number) { return static_cast<std::uint64_t>(number); };
    with_number(env, options, "heap", [&](double bytes) { builder.with_heap_size(size(bytes)); });
    with_number(env, options, "stack", [&](double bytes) { builder.with_stack_size(size(bytes)); });
    with_number(env, options, "outputLimit", [&](double bytes) { builder.with_output_limit(size(bytes)); });
    with_number(env, options, "argumentLimit", [&](double bytes) { builder.with_host_argument_limit(size(bytes)); });
    builder.without_default_wall_limit();
    with_number(env, options, "wallLimit",
                [&](double milliseconds) { builder.with_default_wall_limit(duration_of(milliseconds)); });
    if (napi_value engine = property(env, options, "engine"); !is_nothing(env, engine)) {
        const std::string name = text_of(env, engine);
        const auto found = find_engine(name);
        if (!found) throw WrongType("there is no engine \"" + name + "\"");
        builder.with_engine(*found);
    }
    if (bool_of(env, property(env, options, "prints"))) {
        builder.with_print([](PrintLevel level, std::string_view text) {
            if (Operation* operation = Operation::current()) operation->print(level, text);
        });
    }
    return builder;
}

// A tool's module, as scripts import it, and its name.
using ToolNames = std::vector<std::pair<std::string, std::string>>;

ToolNames tools_of(napi_env env, napi_value options) {
    ToolNames names;
    for (napi_value pair : items_of(env, property(env, options, "tools"))) {
        const std::vector<napi_value> both = items_of(env, pair);
        if (both.size() != 2) throw WrongType("a tool is named by its module and its name");
        names.emplace_back(text_of(env, both[0]), is_nothing(env, both[1]) ? std::string() : text_of(env, both[1]));
    }
    return names;
}

// With functions that hold nothing of JavaScript's: the operation that calls one knows whom to ask.
Result<ProtoSandbox> host_of(const SandboxBuilder& builder, const ToolNames& tools) {
    auto proto = builder.build();
    if (!proto) return proto;
    try {
        for (const auto& [module, name] : tools) {
            HostModule& in = proto->host_module(module);
            if (name.empty()) continue;
            in.add_dynamic(name, [module, name](const CallContext& context, std::span<const HostArgument> arguments) {
                Operation* const operation = Operation::current();
                if (operation == nullptr) return Result<HostValue>(std::unexpected(wrong_state("tool")));
                return operation->call_tool(context, module, name, arguments);
            });
        }
    } catch (const std::invalid_argument& wrong) {
        return std::unexpected(Error{.code = ErrorCode::invalid_argument, .message = wrong.what()});
    }
    return proto;
}

std::vector<AnyMonitor> monitors_of(Operation& operation, const std::vector<AnyMonitor>& limits) {
    std::vector<AnyMonitor> monitors = limits;
    monitors.emplace_back(StopTokenMonitor(operation.stop().get_token()));
    return monitors;
}

// [name, value] each, with milliseconds for a value that is a number of time.
std::vector<AnyMonitor> limits_of(napi_env env, napi_value value) {
    std::vector<AnyMonitor> limits;
    if (is_nothing(env, value)) return limits;
    for (napi_value each : items_of(env, value)) {
        const std::vector<napi_value> pair = items_of(env, each);
        if (pair.size() != 2) throw WrongType("a limit is a name and a value");
        const std::string name = text_of(env, pair[0]);
        Result<AnyMonitor> limit = [&]() -> Result<AnyMonitor> {
            if (type_of(env, pair[1]) == napi_string) return make_limit(name, text_of(env, pair[1]));
            const double number = number_of(env, pair[1]);
            const LimitKind* kind = find_limit_kind(name);
            if (kind != nullptr && kind->form == LimitForm::duration) {
                return make_limit(LimitSetting{kind->name, duration_of(number)});
            }
            return make_limit(
                LimitSetting{kind ? kind->name : std::string_view(name), static_cast<std::uint64_t>(number)});
        }();
        if (!limit) throw WrongType(limit.error().message);
        limits.push_back(std::move(*limit));
    }
    return limits;
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

// load(session, listener, limits). On failure there is a sandbox that can load again.
napi_value load(const Call& call) {
    const SessionPointer session = session_of(call);
    start(call, session, [session, limits = limits_of(call.env(), call[2])](Operation& operation, Outcome& outcome) {
        auto* sandbox = std::get_if<Sandbox>(&session->state);
        if (sandbox == nullptr) {
            outcome.error = wrong_state("sandbox without handlers");
            return;
        }
        settle(outcome, *session, std::move(*sandbox).load(monitors_of(operation, limits)));
    });
    return undefined(call.env());
}

// call(session, listener, handler, event, limits, collect garbage)
napi_value call_handler(const Call& call) {
    const SessionPointer session = session_of(call);
    start(call, session,
          [session, handler = text_of(call.env(), call[2]), event = text_of(call.env(), call[3]),
           limits = limits_of(call.env(), call[4]),
           options = CallOptions{.collect_garbage = bool_of(call.env(), call[5])}](Operation& operation,
                                                                                   Outcome& outcome) {
              auto* loaded = std::get_if<LoadedSandbox>(&session->state);
              if (loaded == nullptr) {
                  outcome.error = wrong_state("sandbox with handlers");
                  return;
              }
              auto done = loaded->handle_event(handler, event, monitors_of(operation, limits), options);
              if (done) {
                  outcome.text = std::move(done->result);
                  outcome.usage = done->usage;
              } else {
                  outcome.error = std::move(done.error());
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
    return note(call, [&](auto& sandbox) -> Result<void> {
        if constexpr (requires { sandbox.clear_modules(); }) {
            return sandbox.add_module(text_of(call.env(), call[1]), text_of(call.env(), call[2]),
                                      text_of(call.env(), call[3]));
        } else {
            return {};
        }
    });
}

// removeModule(session, name, space)
napi_value remove_module(const Call& call) {
    return note(call, [&](auto& sandbox) -> Result<void> {
        if constexpr (requires { sandbox.clear_modules(); }) {
            return sandbox.remove_module(text_of(call.env(), call[1]), text_of(call.env(), call[2]));
        } else {
            return {};
        }
    });
}

// clearModules(session)
napi_value clear_modules(const Call& call) {
    return note(call, [&](auto& sandbox) -> Result<void> {
        if constexpr (requires { sandbox.clear_modules(); }) sandbox.clear_modules();
        return {};
    });
}

}  // namespace

void export_session(napi_env env, napi_value exports) {
    export_function(env, exports, "open", entry<open>);
    export_function(env, exports, "create", entry<create>);
    export_function(env, exports, "start", entry<start_from>);
    export_function(env, exports, "load", entry<load>);
    export_function(env, exports, "call", entry<call_handler>);
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
