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
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <curfew/host_module.h>
#include <curfew/print_level.h>
#include <curfew/reply.h>
#include <curfew/snapshot.h>

#include "environment.h"
#include "napi.h"

namespace curfew::node {

// What came of it.
struct Outcome {
    std::optional<Error> error{};
    std::optional<std::string> text{};  // the result: a text, or a snapshot
    std::optional<Snapshot> snapshot{};
    Usage usage{};
    bool poisoned = false;
};

class Operation : public std::enable_shared_from_this<Operation> {
  public:
    using Work = std::function<void(Operation&, Outcome&)>;

    // On JavaScript's thread. `delivered` is called there as well, before done().
    static std::shared_ptr<Operation> start(napi_env env, napi_value listener, Work work,
                                            std::function<void()> delivered = nullptr);

    // Ends what it runs in a sandbox, from any thread, also if that has not begun.
    std::stop_source& stop() noexcept { return stop_; }

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
    void note_call(std::uint64_t number) { calls_.push_back(number); }

  private:
    Operation(std::shared_ptr<Environment> environment, Work work, std::function<void()> delivered)
        : environment_(std::move(environment)), work_(std::move(work)), delivered_(std::move(delivered)) {}
    void run() noexcept;

    std::shared_ptr<Environment> environment_;
    Work work_;
    std::function<void()> delivered_;
    std::stop_source stop_;
    napi_ref listener_ = nullptr;
    std::vector<std::uint64_t> calls_;  // of tools, that may not have been answered
};

// Answers a tool's call, by its number; nothing if it is over. On JavaScript's thread.
void answer_call(std::uint64_t number, Result<HostValue> result);

napi_value snapshot_to_js(napi_env env, const Snapshot& snapshot);
napi_value error_to_js(napi_env env, const Error& error);

}  // namespace curfew::node

#endif
