// The host's own code that runs for a guest, each with all that it needs: the guest's invocation may be over before it is done.
#ifndef CURFEW_SANDBOX_HOST_HOST_WORK_H
#define CURFEW_SANDBOX_HOST_HOST_WORK_H

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <curfew/host/detail/json_value.h>

#include "sandbox/host/call_state.h"
#include "sandbox/host/host_functions.h"
#include "sandbox/host/host_threads.h"
#include "sandbox/host/open_calls.h"

namespace curfew::sandbox {

// A call of a function, with what it needs.
class FunctionWork final : public HostWork {
  public:
    FunctionWork(std::shared_ptr<const host::detail::Function> function, GuestCall call, CallContext context,
                 std::shared_ptr<OpenCall> open)
        : function_(std::move(function)),
          module_(call.module),
          name_(call.function),
          count_(call.count),
          arguments_(std::move(call.arguments)),
          context_(std::move(context)),
          open_(std::move(open)) {}

    void run() override {
        outcome_ = HostFunctions::call(*function_, module_, name_, context_, count_,
                                       open_ ? open_->info().arguments : arguments_, open_);
    }

    // REQUIRES: it is done.
    host::detail::Outcome take_outcome() { return std::move(outcome_); }

  private:
    const std::shared_ptr<const host::detail::Function> function_;
    const std::string module_;
    const std::string name_;
    const std::uint32_t count_;
    const std::string arguments_;  // unless they are with the open call
    const CallContext context_;
    const std::shared_ptr<OpenCall> open_;
    host::detail::Outcome outcome_ =
        host::detail::failed("the host function did not return: it ended the thread that it ran on");
};

// Anything that gives a value.
template <typename F>
class CodeWork final : public HostWork {
  public:
    explicit CodeWork(F code) : code_(std::move(code)) {}

    void run() override { value_.emplace(code_()); }

    // REQUIRES: it is done, and threw nothing.
    std::invoke_result_t<F&> take() { return std::move(*value_); }

  private:
    F code_;
    std::optional<std::invoke_result_t<F&>> value_;
};

// Tells those who have a token of an invocation that it is over.
class EndWork final : public HostWork {
  public:
    explicit EndWork(std::shared_ptr<host::detail::CallState> state) : state_(std::move(state)) {}
    void run() override { state_->tell_end(); }

  private:
    const std::shared_ptr<host::detail::CallState> state_;
};

}  // namespace curfew::sandbox

#endif
