#include "guest/quickjs/handler_result.h"

#include <string.h>

#include "guest/quickjs/inspect.h"
#include "guest/quickjs/json_result.h"
#include "guest/quickjs/value_encoder.h"

namespace curfew::guest {

using wire::MessageKind;

namespace {

// Whether there is {} in JSON; or the text cannot be looked at.
bool holds_empty_object(JSValueConst json) {
    const uint8_t* narrow = nullptr;
    const uint16_t* wide = nullptr;
    size_t size = 0;
    if (!engine_string_chars(json, &narrow, &wide, &size)) return true;
    if (narrow) return memmem(narrow, size, "{}", 2) != nullptr;
    for (size_t i = 1; i < size; ++i) {
        if (wide[i] == '}' && wide[i - 1] == '{') return true;
    }
    return false;
}

}  // namespace

bool HandlerResult::take(JSValueConst value, bool of_program, ScriptFailure& failure) {
    const char* const who = of_program ? "the program" : "the handler";
    if (is_cbor_) {
        if (ValueEncoder(context_, cbor_).write(value, of_program ? "the program's result" : "the handler's result")) {
            return true;
        }
        failure.describe_exception(context_);
        return false;
    }
    if (of_program && JS_IsUndefined(value)) {
        json_.reset(JS_NewString(context_, "null"));
        return true;
    }
    json_.reset(JS_JSONStringify(context_, value, JS_UNDEFINED, JS_UNDEFINED));
    if (json_.failed()) {
        failure.message << who << "'s result cannot be turned into JSON: ";
        failure.describe_exception(context_);
        return false;
    }
    if (JS_IsUndefined(json_.get())) {
        failure.message << who << " returned " << kind_of(context_, value)
                        << ", which is not JSON: return something else, such as null";
        return false;
    }
    return holds_all(value, who, failure);
}

bool HandlerResult::holds_all(JSValueConst value, const char* who, ScriptFailure& failure) const {
    Writer lost;
    if (!holds_empty_object(json_.get()) || !find_lost_object(context_, value, lost)) return true;
    const bool is_inside = memmem(lost.text().data, lost.text().size, " at ", 4) != nullptr;
    failure.message
        << who << "'s result " << (is_inside ? "holds " : "is ") << lost.text()
        << ", which JSON cannot hold: convert it, or give it a toJSON method; CBOR can hold Map, Set and more";
    return false;
}

void HandlerResult::stage(ScriptFailure& failure) const {
    const Text text(context_, is_cbor_ ? JS_UNDEFINED : json_.get());
    if (!is_cbor_ && !text.valid()) {
        failure.describe_exception(context_);
        return failure.stage();
    }
    const Bytes payload = is_cbor_ ? cbor_.written() : text.bytes();
    if (guest::stage({.kind = MessageKind::done, .flags = is_cbor_ ? wire::kCbor : 0, .payload = payload})) return;
    failure.message << "the handler's result has " << static_cast<int64_t>(payload.size)
                    << " bytes, which is more than the host takes";
    failure.stage();
}

}  // namespace curfew::guest
