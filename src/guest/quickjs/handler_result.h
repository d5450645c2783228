// What a handler or a program gives back, in the form that the host has asked for.
#ifndef CURFEW_GUEST_RUNTIME_HANDLER_RESULT_H
#define CURFEW_GUEST_RUNTIME_HANDLER_RESULT_H

#include "guest/quickjs/cbor_writer.h"
#include "guest/quickjs/failure.h"
#include "guest/quickjs/value.h"

namespace curfew::guest {

class HandlerResult {
  public:
    // `flags` are those of the request: CBOR if it is (wire::kCbor), else JSON.
    HandlerResult(JSContext* context, uint32_t flags)
        : context_(context), json_(context), is_cbor_((flags & wire::kCbor) != 0) {}

    bool is_cbor() const { return is_cbor_; }

    // Takes the value that was returned. `who` returned it: "the handler". False, with what is wrong, for what cannot be passed. A
    // program that says nothing of its result has none, which is null in JSON.
    [[nodiscard]] bool take(JSValueConst value, bool of_program, ScriptFailure& failure);

    // Makes it the guest's answer to the current request.
    void stage(ScriptFailure& failure) const;

  private:
    bool holds_all(JSValueConst value, const char* who, ScriptFailure& failure) const;

    JSContext* context_;
    CborWriter cbor_;
    Value json_;  // a JavaScript string
    bool is_cbor_;
};

}  // namespace curfew::guest

#endif
