#include "guest/quickjs/host_answers.h"

#include <string.h>

#include "guest/platform/memory.h"
#include "guest/quickjs/throw.h"
#include "guest/quickjs/value.h"
#include "guest/quickjs/value_decoder.h"

namespace curfew::guest {

namespace {

constexpr char kResultFile[] = "<result>";

JSValue parse_result(JSContext* context, const HostTarget& target, Bytes json) {
    if (json.size == 0) return JS_UNDEFINED;
    const JSValue result = JS_ParseJSON(context, json.data, json.size, kResultFile);
    if (!JS_IsException(result)) return result;
    Value thrown(context, JS_GetException(context));
    const Value name(context, JS_GetPropertyStr(context, thrown.get(), "name"));
    const Text text(context, name.get());
    if (!text.valid() || !equals(text.bytes(), "SyntaxError")) return JS_Throw(context, thrown.release());
    return throw_about(context, ErrorKind::plain, "what ", target, " returned is not JSON");
}

bool is_failure(const wire::Message& answer) {
    return static_cast<wire::MessageKind>(answer.kind) == wire::MessageKind::host_error ||
           (answer.flags & wire::kFailedReply) != 0;
}

}  // namespace

HostTarget* HostTarget::make(Bytes module, Bytes function, bool gets_values) {
    const size_t size = module.size + 1 + function.size;
    auto* target = static_cast<HostTarget*>(heap.allocate(sizeof(HostTarget) + size + 1));
    if (!target) return nullptr;
    target->references_ = 1;
    target->gets_values_ = gets_values;
    target->module_size_ = module.size;
    target->size_ = size;
    memcpy(target->name_, module.data, module.size);
    target->name_[module.size] = '\0';
    memcpy(target->name_ + module.size + 1, function.data, function.size);
    target->name_[size] = '\0';
    return target;
}

void HostTarget::release() {
    if (--references_ == 0) heap.release(this);
}

Writer& operator<<(Writer& out, const HostTarget& target) {
    return out << '"' << target.function() << "\" of the host module \"" << target.module() << '"';
}

JSValue throw_about(JSContext* context, ErrorKind kind, const char* before, const HostTarget& target,
                    const char* behind) {
    Writer message;
    message << before << target << behind;
    return throw_error(context, kind, message.text());
}

JSValue take_host_answer(JSContext* context, const HostTarget& target) {
    const wire::Message answer = mailbox().message;
    Body body;
    if (!body.receive(/*keep=*/false, /*extra=*/0)) {
        exchange();  // tells the host so
        return throw_about(context, ErrorKind::plain, "out of memory: the heap has no room for what ", target,
                           " returned");
    }
    if (is_failure(answer)) return throw_error(context, ErrorKind::plain, body.payload());
    if ((answer.flags & wire::kCbor) != 0) return ValueDecoder(context, body.payload()).read();
    if ((answer.flags & wire::kBinary) == 0) return parse_result(context, target, body.payload());
    const Bytes bytes = body.payload();
    return JS_NewUint8ArrayCopy(context, reinterpret_cast<const uint8_t*>(bytes.data), bytes.size);
}

}  // namespace curfew::guest
