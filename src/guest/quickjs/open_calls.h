// Calls of asynchronous functions of the host: their promises, until the host replies. They belong to one request: what
// is open at its end is dropped.
#ifndef CURFEW_GUEST_RUNTIME_OPEN_CALLS_H
#define CURFEW_GUEST_RUNTIME_OPEN_CALLS_H

#include "guest/quickjs/host_answers.h"

namespace curfew::guest {

// A promise that is not settled yet. What it needs is taken before the host is called, so that no reply is lost for want
// of memory.
class OpenPromise {
  public:
    explicit OpenPromise(JSContext* context);
    OpenPromise(const OpenPromise&) = delete;
    OpenPromise& operator=(const OpenPromise&) = delete;
    ~OpenPromise();

    // False: an exception is pending.
    bool made() const { return !JS_IsException(promise_); }

    // Settles it by a value, or by the pending exception if that is one.
    void settle(JSValue owned);

    // The host will reply under this number.
    void keep_open(uint32_t number, HostTarget& target);

    JSValue promise() const { return JS_DupValue(context_, promise_); }

  private:
    JSContext* context_;
    JSValue promise_ = JS_UNDEFINED;
    JSValue functions_[2] = {JS_UNDEFINED, JS_UNDEFINED};
};

bool any_open_calls();

// Waits until the host replies to a call, whose promise is settled then, or until the monotonic clock shows `until`, which
// may be kNoTime. False: the time is over. REQUIRES: any_open_calls().
bool wait_for_reply(JSContext* context, uint64_t until);

// False when there were none.
bool drop_open_calls(JSContext* context);

}  // namespace curfew::guest

#endif
