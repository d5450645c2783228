// A call that the host has not answered yet, whatever type its answer has.
#ifndef CURFEW_HOST_DETAIL_PENDING_REPLY_H
#define CURFEW_HOST_DETAIL_PENDING_REPLY_H

#include <curfew/language.h>

#include <exception>
#include <stop_token>
#include <utility>

#include <curfew/export.h>
#include <curfew/host/detail/function.h>

namespace curfew::host::detail {

// All functions may be called from any thread, also when the sandbox is gone.
class CURFEW_EXPORT PendingReply {
  public:
    virtual ~PendingReply() = default;

    // The first answer counts. False: it was not that, or nobody waits for it any more.
    virtual bool answer(Outcome outcome) noexcept = 0;

    // Nobody waits for an answer any more.
    virtual bool over() const noexcept = 0;
    virtual std::stop_token stop_token() const = 0;
};

// What a Reply that is dropped answers with.
CURFEW_EXPORT Outcome dropped() noexcept;

// A guest calls an asynchronous function as if it were another.
CURFEW_EXPORT Outcome asynchronous_only();

// What a conversion gives; what it throws, as a failure.
template <typename Convert>
Outcome guarded(Convert&& convert) {
    try {
        return std::forward<Convert>(convert)();
    } catch (const std::exception& thrown) {
        return {Outcome::Kind::failed, thrown.what()};
    }
}

// The Function that is made of what add_async() gets.
template <typename F>
struct AsyncFunctionOf;
template <typename Signature>
class DeferredFunction;

}  // namespace curfew::host::detail

#endif
