// What a host function may know of the invocation that called it.
#ifndef CURFEW_HOST_CALL_CONTEXT_H
#define CURFEW_HOST_CALL_CONTEXT_H

#include <curfew/language.h>

#include <stop_token>
#include <string_view>

#include <curfew/export.h>
#include <curfew/usage.h>

namespace curfew {

class Invocation;

// A small handle, valid until the host function returns. While it is, all functions may be called from any thread.
class CURFEW_EXPORT CallContext {
  public:
    // The handler that is running; empty while scripts are being loaded.
    std::string_view handler() const noexcept;

    // Whether the invocation is being ended, by a monitor or a kill. What the function returns after that is dropped,
    // so it should return soon.
    [[nodiscard]] bool cancelled() const noexcept;

    // The same for things that wait, such as std::condition_variable_any.
    [[nodiscard]] std::stop_token stop_token() const;

    // What the invocation has used so far.
    [[nodiscard]] Usage usage() const noexcept;

    explicit CallContext(const Invocation& call) noexcept : call_(&call) {}  // for the sandbox

  private:
    const Invocation* call_;
};

}  // namespace curfew

#endif
