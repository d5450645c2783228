// Invocations to their end: of handlers and programs.
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <curfew/curfew.h>

#include "options.h"
#include "session.h"

namespace curfew::node {

namespace {

void note_result(Outcome& outcome, Result<EventResult> done) {
    if (done) {
        note(outcome, std::move(*done));
    } else {
        outcome.error = std::move(done.error());
    }
}

// Runs something in a loaded sandbox: Result<EventResult>(LoadedSandbox&, monitors).
template <typename Invoke>
void invoke(const Call& call, napi_value limits, napi_value monitors, Invoke work) {
    const SessionPointer session = session_of(call);
    const auto control = std::make_shared<Control>();
    control->monitors = custom_monitors_of(call.env(), monitors);
    start(call, session, control,
          [session, given = limits_of(call.env(), limits), work = std::move(work)](Operation& operation,
                                                                                   Outcome& outcome) {
              if (auto* loaded = std::get_if<LoadedSandbox>(&session->state)) {
                  note_result(outcome, work(*loaded, monitors_of(operation.control(), given)));
              } else {
                  outcome.error = wrong_state("sandbox with handlers");
              }
          });
}

using Monitors = std::vector<AnyMonitor>;

// call(session, listener, handler, event, limits, collect garbage, names of monitors)
napi_value call_handler(const Call& call) {
    Event event = event_of(call.env(), call[3]);
    const CallOptions options{.collect_garbage = bool_of(call.env(), call[5]), .format = event.format};
    invoke(call, call[4], call[6],
           [handler = text_of(call.env(), call[2]), event = std::move(event.data), options](LoadedSandbox& loaded,
                                                                                            const Monitors& monitors) {
               return loaded.handle_event(handler, event, monitors, options);
           });
    return undefined(call.env());
}

// evaluate(session, listener, program, limits, collect garbage, names of monitors, whether it is TypeScript, whether the result is to be CBOR)
napi_value evaluate(const Call& call) {
    const bool is_cbor = !is_nothing(call.env(), call[7]) && bool_of(call.env(), call[7]);
    const CallOptions options{.collect_garbage = bool_of(call.env(), call[4]),
                              .format = is_cbor ? ValueFormat::cbor : ValueFormat::json};
    invoke(call, call[3], call[5],
           [program = program_of(call, call[6]), options](LoadedSandbox& loaded, const Monitors& monitors) {
               return loaded.evaluate(program, monitors, options);
           });
    return undefined(call.env());
}

// addLater(session, listener, name, source, file, limits, names of monitors): a handler for a sandbox that was loaded.
napi_value add_later(const Call& call) {
    napi_env env = call.env();
    invoke(call, call[5], call[6],
           [name = text_of(env, call[2]), script = Script::from_content(text_of(env, call[3]), text_of(env, call[4]))](
               LoadedSandbox& loaded, const Monitors& monitors) -> Result<EventResult> {
               auto done = loaded.add_handler(name, script, monitors);
               if (!done) return std::unexpected(std::move(done.error()));
               return EventResult{.result = "null", .usage = {}};
           });
    return undefined(env);
}

}  // namespace

void export_calls(napi_env env, napi_value exports) {
    export_function(env, exports, "call", entry<call_handler>);
    export_function(env, exports, "evaluate", entry<evaluate>);
    export_function(env, exports, "addLater", entry<add_later>);
}

}  // namespace curfew::node
