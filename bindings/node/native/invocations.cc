// Invocations that wait in between without a thread, and the monitors of any invocation.
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <curfew/curfew.h>

#include "options.h"
#include "session.h"

namespace curfew::node {

namespace {

// The name under which a program is a handler while it is run in pieces.
constexpr std::string_view kProgram = "(program)";

// As CBOR.
constexpr std::string_view kNull = "\xf6";

// What has become of the invocation that is in pieces.
void report(Outcome& outcome, Session& session) {
    PendingInvocation& pending = *session.pending;
    outcome.usage = pending.usage();
    if (!pending.done()) {
        outcome.waiting = {.calls = pending.open_calls(), .has_timer = pending.due().has_value()};
        return;
    }
    if (auto result = pending.result()) {
        note(outcome, std::move(*result));
    } else {
        outcome.error = std::move(result.error());
    }
    session.pending.reset();
    if (auto* loaded = std::get_if<LoadedSandbox>(&session.state)) (void)loaded->remove_handler(kProgram);
}

// Begins one: Result<PendingInvocation>(LoadedSandbox&, monitors).
template <typename Begin>
void begin_with(const Call& call, napi_value limits, napi_value monitors, Begin work) {
    SessionHandle& handle = handle_of(call);
    const SessionPointer session = session_of(call);
    if (!handle.watch) {
        auto watch = Watch::begin(call.env(), call[0]);
        if (!watch) throw std::runtime_error(watch.error().message);
        handle.watch.emplace(std::move(*watch));
    }
    const auto control = std::make_shared<Control>();
    control->may_wait = true;
    control->monitors = custom_monitors_of(call.env(), monitors);
    start(call, session, control,
          [session, token = handle.watch->token(), given = limits_of(call.env(), limits), work = std::move(work)](
              Operation& operation, Outcome& outcome) {
              auto* loaded = std::get_if<LoadedSandbox>(&session->state);
              if (loaded == nullptr) {
                  outcome.error = wrong_state("sandbox with handlers");
                  return;
              }
              auto begun = work(*loaded, monitors_of(operation.control(), given));
              if (!begun) {
                  outcome.refused = std::move(begun.error());
                  return;
              }
              session->pending.emplace(std::move(*begun));
              notify(*session->pending, token);
              report(outcome, *session);
          });
}

using Monitors = std::vector<AnyMonitor>;

// begin(session, listener, handler, event, limits, collect garbage, names of monitors)
napi_value begin(const Call& call) {
    Event event = event_of(call.env(), call[3]);
    const CallOptions options{.collect_garbage = bool_of(call.env(), call[5]), .format = event.format};
    begin_with(call, call[4], call[6],
               [handler = text_of(call.env(), call[2]), event = std::move(event.data), options](
                   LoadedSandbox& loaded, const Monitors& monitors) {
                   return loaded.begin_event(handler, event, monitors, options);
               });
    return undefined(call.env());
}

// beginProgram(session, listener, program, limits, collect garbage, names of monitors, whether it is TypeScript)
napi_value begin_program(const Call& call) {
    const CallOptions options{.collect_garbage = bool_of(call.env(), call[4]), .format = ValueFormat::cbor};
    begin_with(call, call[3], call[5],
               [program = program_of(call, call[6]), limits = limits_of(call.env(), call[3]), options](
                   LoadedSandbox& loaded, const Monitors& monitors) -> Result<PendingInvocation> {
                   (void)loaded.remove_handler(kProgram);
                   if (auto added = loaded.add_handler(std::string(kProgram), program, limits); !added) {
                       return std::unexpected(std::move(added.error()));
                   }
                   return loaded.begin_event(kProgram, kNull, monitors, options);
               });
    return undefined(call.env());
}

// continueSaved(session, listener, limits, collect garbage, names of monitors)
napi_value continue_saved(const Call& call) {
    const CallOptions options{.collect_garbage = bool_of(call.env(), call[3])};
    begin_with(call, call[2], call[4], [options](LoadedSandbox& loaded, const Monitors& monitors) {
        return loaded.continue_event(monitors, options);
    });
    return undefined(call.env());
}

// Has it go on: Result<void>(PendingInvocation&).
template <typename GoOn>
void go_on_with(const Call& call, GoOn work) {
    const SessionPointer session = session_of(call);
    auto control = session->waiting ? session->waiting : std::make_shared<Control>();
    start(call, session, std::move(control), [session, work = std::move(work)](Operation&, Outcome& outcome) {
        if (!session->pending) {
            outcome.error = wrong_state("invocation that waits");
            return;
        }
        if (auto done = work(*session->pending); !done) outcome.refused = std::move(done.error());
        report(outcome, *session);
    });
}

// resume(session, listener, id, result as CBOR)
napi_value resume(const Call& call) {
    go_on_with(call, [id = static_cast<std::uint32_t>(number_of(call.env(), call[2])),
                      cbor = event_of(call.env(), call[3]).data](PendingInvocation& pending) {
        return pending.resume_cbor(id, cbor);
    });
    return undefined(call.env());
}

// fail(session, listener, id, message)
napi_value fail(const Call& call) {
    go_on_with(
        call, [id = static_cast<std::uint32_t>(number_of(call.env(), call[2])), message = text_of(call.env(), call[3])](
                  PendingInvocation& pending) { return pending.fail(id, message); });
    return undefined(call.env());
}

// goOn(session, listener): if there is something to go on with.
napi_value go_on(const Call& call) {
    go_on_with(call, [](PendingInvocation& pending) { return pending.go_on(); });
    return undefined(call.env());
}

// hold(whether): Node.js does not end by itself meanwhile. To be paired.
napi_value hold(const Call& call) {
    const auto environment = Environment::of(call.env());
    if (bool_of(call.env(), call[0])) {
        environment->add_pending();
    } else {
        environment->remove_pending();
    }
    return undefined(call.env());
}

// --- Monitors that are functions ---

// That of an index, of what waits or is running; null if there is none.
CustomMonitor* monitor_of_call(const Call& call) {
    const SessionPointer& session = handle_of(call).session;
    auto control = session->waiting;
    if (!control && session->running) control = session->running->shared_control();
    const auto index = static_cast<std::size_t>(number_of(call.env(), call[1]));
    return control && index < control->monitors.size() ? &control->monitors[index] : nullptr;
}

// fire(session, index)
napi_value fire(const Call& call) {
    if (CustomMonitor* const monitor = monitor_of_call(call)) monitor->fire.request_stop();
    return undefined(call.env());
}

// used(session, index): undefined if nothing runs yet.
napi_value used_so_far(const Call& call) {
    const CustomMonitor* const monitor = monitor_of_call(call);
    const auto usage = monitor ? used(*monitor) : std::nullopt;
    return usage ? usage_to_js(call.env(), *usage) : undefined(call.env());
}

}  // namespace

void export_invocations(napi_env env, napi_value exports) {
    export_function(env, exports, "begin", entry<begin>);
    export_function(env, exports, "beginProgram", entry<begin_program>);
    export_function(env, exports, "continueSaved", entry<continue_saved>);
    export_function(env, exports, "resume", entry<resume>);
    export_function(env, exports, "fail", entry<fail>);
    export_function(env, exports, "goOn", entry<go_on>);
    export_function(env, exports, "hold", entry<hold>);
    export_function(env, exports, "fire", entry<fire>);
    export_function(env, exports, "used", entry<used_so_far>);
}

}  // namespace curfew::node
