// What a CallContext shows: an invocation while it runs, and what it was afterwards.
#ifndef CURFEW_SANDBOX_HOST_CALL_STATE_H
#define CURFEW_SANDBOX_HOST_CALL_STATE_H

#include <any>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include <curfew/host/call_context.h>
#include <curfew/monitor/invocation.h>

#include "base/mutex.h"

namespace curfew::host::detail {

// Made by whoever runs an invocation, and shared with everybody who got to know of it. All functions are thread-safe but
// those of the maker.
class CallState {
  public:
    CallState(const Invocation& call, const std::any& context)
        : handler_(call.handler()), context_(context), call_(&call) {}

    std::string_view handler() const noexcept { return handler_; }
    const std::any& context() const noexcept { return context_; }
    bool cancelled() const noexcept;
    bool over() const noexcept;
    Usage usage() const noexcept;

    // Told when the invocation is cancelled, or by tell_end().
    std::stop_token stop_token() const;

    // The invocation that a context is of.
    static const CallState& of(const CallContext& context) noexcept { return *context.state_; }

    // What a function of the host has made for this invocation alone, by whose it is: made when it is first asked for, and dropped by
    // end(). Not after that.
    const std::shared_ptr<void>& kept(const void* owner, std::shared_ptr<void> (*make)(const void* owner)) const;

    // The maker's. The invocation is over: after this nobody looks at it.
    void end() noexcept;

    // Tells those who have a token.
    void tell_end() noexcept;

  private:
    struct Request {
        const CallState* state;
        void operator()() const noexcept { state->stop_.request_stop(); }
    };

    const std::string handler_;
    const std::any context_;
    mutable base::Mutex mutex_;
    const Invocation* call_ GUARDED_BY(mutex_);
    Usage usage_ GUARDED_BY(mutex_){};
    mutable std::map<const void*, std::shared_ptr<void>> kept_ GUARDED_BY(mutex_);
    mutable std::stop_source stop_{std::nostopstate};               // made under the mutex, once
    mutable std::optional<std::stop_callback<Request>> cancelled_;  // likewise; until end()
};

}  // namespace curfew::host::detail

#endif
