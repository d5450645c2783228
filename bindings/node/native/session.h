// A sandbox through its states, as JavaScript holds it: an object with a Session behind it. One operation at a time; what may
// take long is done by Workers.
#ifndef CURFEW_NODE_SESSION_H
#define CURFEW_NODE_SESSION_H

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include <curfew/pending_invocation.h>
#include <curfew/sandbox.h>
#include <curfew/script.h>

#include "napi.h"
#include "operation.h"
#include "options.h"
#include "watcher.h"

namespace curfew::node {

class Session {
  public:
    // Of the operation that is running; else of JavaScript's thread.
    std::variant<std::monostate, Sandbox, LoadedSandbox> state;
    std::optional<PendingInvocation> pending;  // one that waits

    // --- Of JavaScript's thread ---

    std::shared_ptr<Operation> running;
    std::shared_ptr<Control> waiting;  // of `pending`
    PrintsWanted prints = std::make_shared<std::atomic<bool>>(false);
    bool closed = false;
    bool weighs = false;

    bool poisoned() const noexcept {
        const auto* loaded = std::get_if<LoadedSandbox>(&state);
        return loaded != nullptr && loaded->poisoned();
    }
};

using SessionPointer = std::shared_ptr<Session>;

// What JavaScript's object holds.
struct SessionHandle {
    napi_env env;
    SessionPointer session;
    std::optional<Watch> watch;  // from the first invocation on that may wait

    explicit SessionHandle(napi_env in);
    SessionHandle(SessionHandle&&) = default;
    SessionHandle& operator=(SessionHandle&&) = delete;
    ~SessionHandle();

    void weigh(bool weighs) noexcept;
};

// That of a call's first argument.
SessionHandle& handle_of(const Call& call);

// One that nothing is done with at this time.
SessionPointer session_of(const Call& call);

// Has `work` done for the listener that is a call's second argument.
void start(const Call& call, const SessionPointer& session, std::shared_ptr<Control> control, Operation::Work work);
void start(const Call& call, const SessionPointer& session, Operation::Work work);

// The limits, what the control has, and what ends the invocation from outside.
std::vector<AnyMonitor> monitors_of(const Control& control, const std::vector<AnyMonitor>& limits);

template <typename T>
void settle(Outcome& outcome, Session& session, Result<T> made) {
    if (made) {
        session.state.emplace<T>(std::move(*made));
    } else {
        outcome.error = std::move(made.error());
    }
}

// What an event and its answer are written in: JSON if it is a text, CBOR if it is a Uint8Array.
struct Event {
    std::string data;
    ValueFormat format = ValueFormat::json;
};
Event event_of(napi_env env, napi_value value);

// A result that may be either.
void note(Outcome& outcome, EventResult result);

// The program that is a call's third argument.
Script program_of(const Call& call, napi_value is_typescript);

// Add functions to the exports.
void export_session(napi_env env, napi_value exports);
void export_calls(napi_env env, napi_value exports);
void export_invocations(napi_env env, napi_value exports);
void export_scripts(napi_env env, napi_value exports);
void export_snapshots(napi_env env, napi_value exports);

// exports.NAME = a function.
void export_function(napi_env env, napi_value exports, const char* name, napi_callback callback);

}  // namespace curfew::node

#endif
