// Owners of what the engine counts references of. Each gives its reference back when it goes.
#ifndef CURFEW_GUEST_RUNTIME_VALUE_H
#define CURFEW_GUEST_RUNTIME_VALUE_H

#include "guest/platform/exchange.h"
#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

class Value {
  public:
    explicit Value(JSContext* context) : context_(context) {}
    Value(JSContext* context, JSValue owned) : context_(context), value_(owned) {}
    Value(Value&& other) : context_(other.context_), value_(other.release()) {}
    Value& operator=(Value&& other) {
        reset(other.release());
        return *this;
    }
    Value(const Value&) = delete;
    Value& operator=(const Value&) = delete;
    ~Value() { JS_FreeValue(context_, value_); }

    JSValue get() const { return value_; }
    bool failed() const { return JS_IsException(value_); }

    // Hands the reference to the caller.
    JSValue release() {
        const JSValue value = value_;
        value_ = JS_UNDEFINED;
        return value;
    }
    void reset(JSValue owned) {
        const JSValue old = value_;
        value_ = owned;
        JS_FreeValue(context_, old);
    }

  private:
    JSContext* context_;
    JSValue value_ = JS_UNDEFINED;
};

// A value's text as UTF-8. Not valid() when the value could not be turned into a string: then an exception
// is pending.
class Text {
  public:
    Text(JSContext* context, JSValueConst value) : context_(context) {
        bytes_.data = JS_ToCStringLen(context, &bytes_.size, value);
    }
    Text(const Text&) = delete;
    Text& operator=(const Text&) = delete;
    ~Text() { JS_FreeCString(context_, bytes_.data); }

    bool valid() const { return bytes_.data != nullptr; }
    Bytes bytes() const { return bytes_; }

  private:
    JSContext* context_;
    Bytes bytes_{};
};

}  // namespace curfew::guest

#endif
