// One piece of work that a thread of Workers does for JavaScript: making a sandbox, a call, a snapshot. JavaScript hears of
// it through the methods of an object, its listener:
//
//   print(level, text)                          what the guest prints
//   call(number, module, name, arguments)       a tool is called; native.answer(number, ...) answers
//   done(outcome)                               at the end, always, and once
#ifndef CURFEW_NODE_OPERATION_H
#define CURFEW_NODE_OPERATION_H

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <curfew/host_module.h>
#include <curfew/pending_invocation.h>
#include <curfew/print_level.h>
#include <curfew/reply.h>
#include <curfew/snapshot.h>

#include "control.h"
#include "environment.h"
#include "napi.h"

namespace curfew::node {

// An invocation that waits.
struct Waiting {
    std::vector<OpenHostCall> calls{};
    bool has_timer = false;
};

// What came of it.
struct Outcome {
    std::optional<Error> error{};
    std::optional<std::string> text{};  // the result: a text, or a snapshot
    bool is_bytes = false;              // and no text
    std::optional<Snapshot> snapshot{};
    std::optional<Waiting> waiting{};
    std::optional<Error> refused{};  // an answer that an invocation did not take, which goes on waiting
    Usage usage{};
    bool poisoned = false;
};

class Operation : public std::enable_shared_from_this<Operation> {
  public:
    using Work = std::function<void(Operation&, Outcome&)>;

    // On JavaScript's thread. `delivered` is called there as well, before done().
    static std::shared_ptr<Operation> start(napi_env env, napi_value listener, std::shared_ptr<Control> control,
                                            Work work, std::function<void(const Outcome&)> delivered = nullptr);

    // Of what it runs in a sandbox; stops may be requested from any thread, also if that has not begun.
    Control& control() noexcept { return *control_; }
    const std::shared_ptr<Control>& shared_control() const noexcept { return control_; }

    // The one that this thread works on; null if it works on none.
    static Operation* current() noexcept;

    // --- On the thread that works on it ---

    void print(PrintLevel level, std::string_view text);

    // Has JavaScript call a tool, and waits for what comes of it.
    Result<HostValue> call_tool(const CallContext& context, std::string_view module, std::string_view name,
                                std::span<const HostArgument> arguments);

    // Likewise, but waits for nothing.
    void start_tool(std::string_view module, std::string_view name, std::span<const HostArgument> arguments,
                    Reply<HostValue> reply);

    // --- On JavaScript's thread ---

    void deliver_done(napi_env env, const Outcome& outcome);
    napi_value listener(napi_env env) const;
    void note_call(std::uint64_t number) { control_->calls.push_back(number); }

  private:
    Operation(std::shared_ptr<Environment> environment, std::shared_ptr<Control> control, Work work,
              std::function<void(const Outcome&)> delivered)
        : environment_(std::move(environment)),
          control_(std::move(control)),
          work_(std::move(work)),
          delivered_(std::move(delivered)) {}
    void run() noexcept;

    std::shared_ptr<Environment> environment_;
    std::shared_ptr<Control> control_;
    Work work_;
    std::function<void(const Outcome&)> delivered_;
    napi_ref listener_ = nullptr;
};

// Answers a tool's call, by its number; nothing if it is over. On JavaScript's thread.
void answer_call(std::uint64_t number, Result<HostValue> result);

napi_value usage_to_js(napi_env env, const Usage& usage);
napi_value open_calls_to_js(napi_env env, const std::vector<OpenHostCall>& calls);
napi_value snapshot_to_js(napi_env env, const Snapshot& snapshot);
napi_value error_to_js(napi_env env, const Error& error);

}  // namespace curfew::node

#endif
