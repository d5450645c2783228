// What a host function may know of the invocation that called it.
#ifndef CURFEW_HOST_CALL_CONTEXT_H
#define CURFEW_HOST_CALL_CONTEXT_H

#include <curfew/language.h>

#include <any>
#include <memory>
#include <stop_token>
#include <string_view>
#include <utility>

#include <curfew/export.h>
#include <curfew/usage.h>

namespace curfew {

namespace host::detail {
class CallState;
}

// A small handle. It may be copied and kept: when the invocation is over it says what the invocation was. All functions may
// be called from any thread.
class CURFEW_EXPORT CallContext {
  public:
    // The handler that is running; empty while scripts are being loaded. Valid as long as this handle or a copy.
    std::string_view handler() const noexcept;

    // What the caller gave in CallOptions::context: a copy of it, which lives as long as this handle. Empty in a load().
    const std::any& context() const noexcept;

    // Whether the invocation is being ended, by a monitor or a kill, or is over. What the function returns after that is
    // dropped, so it should return soon.
    [[nodiscard]] bool cancelled() const noexcept;

    // The same for things that wait, such as std::condition_variable_any.
    [[nodiscard]] std::stop_token stop_token() const;

    // What the invocation has used so far, or had used in the end.
    [[nodiscard]] Usage usage() const noexcept;

    // For the sandbox.
    explicit CallContext(std::shared_ptr<const host::detail::CallState> state) noexcept : state_(std::move(state)) {}

  private:
    friend class host::detail::CallState;
    std::shared_ptr<const host::detail::CallState> state_;
};

}  // namespace curfew

#endif
