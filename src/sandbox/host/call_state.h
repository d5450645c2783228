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
    // `prompt`: a token is told as soon as the invocation is cancelled, which is then over when all that this calls has
    // returned; else by tell_end().
    CallState(const Invocation& call, const std::any& context, bool prompt)
        : handler_(call.handler()), context_(context), prompt_(prompt), call_(&call) {}

    std::string_view handler() const noexcept { return handler_; }
    const std::any& context() const noexcept { return context_; }
    bool cancelled() const noexcept;
    bool over() const noexcept;
    Usage usage() const noexcept;

    std::stop_token stop_token() const;
    bool has_token() const noexcept;  // anybody

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
    const bool prompt_;
    mutable base::Mutex mutex_;
    const Invocation* call_ GUARDED_BY(mutex_);
    Usage usage_ GUARDED_BY(mutex_){};
    mutable std::map<const void*, std::shared_ptr<void>> kept_ GUARDED_BY(mutex_);
    mutable std::stop_source stop_{std::nostopstate};               // made under the mutex, once
    mutable std::optional<std::stop_callback<Request>> cancelled_;  // likewise; until end()
};

}  // namespace curfew::host::detail

#endif
