#include "guest/quickjs/host_calls.h"

#include <string.h>

#include "guest/platform/memory.h"
#include "guest/quickjs/throw.h"
#include "guest/quickjs/value.h"
#include "guest/quickjs/writer.h"

namespace curfew::guest {

using wire::ArgumentHeader;
using wire::MessageKind;

namespace {

constexpr char kResultFile[] = "<result>";

// Which function of the host a function stands for: the module's name, a zero byte, and the function's.
struct Target {
    size_t module_size;
    size_t size;
    char name[];

    Bytes module() const { return {name, module_size}; }
    Bytes function() const { return {name + module_size + 1, size - module_size - 1}; }
};

// The arguments of one call, encoded. Most calls fit on the stack.
class EncodedArguments {
  public:
    EncodedArguments() = default;
    EncodedArguments(const EncodedArguments&) = delete;
    EncodedArguments& operator=(const EncodedArguments&) = delete;
    ~EncodedArguments() {
        if (data_ != small_) heap.release(data_);
    }

    // False when memory runs out.
    [[nodiscard]] bool add(Bytes argument, bool is_bytes) {
        const ArgumentHeader header = ArgumentHeader::of(argument.size, is_bytes);
        if (!make_room(sizeof(header) + argument.size)) return false;
        memcpy(data_ + size_, &header, sizeof(header));
        if (argument.size > 0) memcpy(data_ + size_ + sizeof(header), argument.data, argument.size);
        size_ += sizeof(header) + argument.size;
        return true;
    }

    Bytes encoded() const { return {data_, size_}; }

  private:
    bool make_room(size_t more) {
        if (capacity_ - size_ >= more) return true;
        // Twice as much, so that many arguments are not copied for each; or just enough, when the heap has no more.
        return grow((size_ + more) * 2) || grow(size_ + more);
    }

    bool grow(size_t capacity) {
        auto* grown = static_cast<char*>(data_ == small_ ? heap.allocate(capacity) : heap.resize(data_, capacity));
        if (!grown) return false;
        if (data_ == small_) memcpy(grown, small_, size_);
        data_ = grown;
        capacity_ = capacity;
        return true;
    }

    char small_[512];
    char* data_ = small_;
    size_t size_ = 0;
    size_t capacity_ = sizeof(small_);
};

Writer& operator<<(Writer& out, const Target& target) {
    return out << '"' << target.function() << "\" of the host module \"" << target.module() << '"';
}

JSValue refuse(JSContext* context, ErrorKind kind, const char* before, const Target& target, const char* behind) {
    Writer message;
    message << before << target << behind;
    return throw_error(context, kind, message.text());
}

bool refuse_argument(JSContext* context, const Target& target, int index, const char* what) {
    Writer message;
    message << "argument " << int64_t{index + 1} << " of " << target << " is " << what
            << ", which cannot be passed to the host";
    throw_error(context, ErrorKind::type, message.text());
    return false;
}

bool out_of_memory(JSContext* context) {
    JS_ThrowOutOfMemory(context);
    return false;
}

bool add_json(JSContext* context, EncodedArguments& arguments, JSValueConst value) {
    const Value json(context, JS_JSONStringify(context, value, JS_UNDEFINED, JS_UNDEFINED));
    if (json.failed()) return false;
    if (JS_IsUndefined(json.get())) return arguments.add(bytes_of("null"), false) || out_of_memory(context);
    const Text text(context, json.get());
    return text.valid() && (arguments.add(text.bytes(), false) || out_of_memory(context));
}

bool add_integer(JSContext* context, EncodedArguments& arguments, int32_t number) {
    Writer text;
    text << int64_t{number};
    return arguments.add(text.text(), false) || out_of_memory(context);
}

bool add_bytes(JSContext* context, EncodedArguments& arguments, const Target& target, int index, JSValueConst value) {
    uint8_t* bytes = nullptr;
    size_t size = 0;
    if (!engine_bytes_of(context, value, /*to_write=*/false, &bytes, &size)) {
        JS_FreeValue(context, JS_GetException(context));
        return refuse_argument(context, target, index, "backed by a buffer that was detached or has shrunk");
    }
    return arguments.add({reinterpret_cast<const char*>(bytes), size}, true) || out_of_memory(context);
}

// False when an exception is pending.
bool add(JSContext* context, EncodedArguments& arguments, const Target& target, int index, JSValueConst value) {
    switch (JS_VALUE_GET_TAG(value)) {
        case JS_TAG_INT: return add_integer(context, arguments, JS_VALUE_GET_INT(value));
        case JS_TAG_UNDEFINED: return arguments.add(bytes_of("null"), false) || out_of_memory(context);
        case JS_TAG_SYMBOL: return refuse_argument(context, target, index, "a symbol");
        case JS_TAG_BIG_INT:
        case JS_TAG_SHORT_BIG_INT: return refuse_argument(context, target, index, "a BigInt");
        case JS_TAG_OBJECT: break;
        default: return add_json(context, arguments, value);
    }
    switch (engine_kind_of(value)) {
        case ENGINE_ARRAY_BUFFER:
        case ENGINE_SHARED_BUFFER:
        case ENGINE_TYPED_ARRAY:
        case ENGINE_DATA_VIEW: return add_bytes(context, arguments, target, index, value);
        default: break;
    }
    if (JS_IsFunction(context, value)) return refuse_argument(context, target, index, "a function");
    return add_json(context, arguments, value);
}

JSValue parse_result(JSContext* context, const Target& target, Bytes json) {
    if (json.size == 0) return JS_UNDEFINED;
    const JSValue result = JS_ParseJSON(context, json.data, json.size, kResultFile);
    if (!JS_IsException(result)) return result;
    Value thrown(context, JS_GetException(context));
    const Value name(context, JS_GetPropertyStr(context, thrown.get(), "name"));
    const Text text(context, name.get());
    if (!text.valid() || !equals(text.bytes(), "SyntaxError")) return JS_Throw(context, thrown.release());
    return refuse(context, ErrorKind::plain, "what ", target, " returned is not JSON");
}

JSValue take_answer(JSContext* context, const Target& target) {
    const wire::Message answer = mailbox().message;
    Body body;
    if (!body.receive(/*keep=*/false, /*extra=*/0)) {
        exchange();  // tells the host so
        return refuse(context, ErrorKind::plain, "out of memory: the heap has no room for what ", target, " returned");
    }
    if (static_cast<MessageKind>(answer.kind) == MessageKind::host_error) {
        return throw_error(context, ErrorKind::plain, body.payload());
    }
    if ((answer.flags & wire::kBinary) == 0) return parse_result(context, target, body.payload());
    const Bytes bytes = body.payload();
    return JS_NewUint8ArrayCopy(context, reinterpret_cast<const uint8_t*>(bytes.data), bytes.size);
}

JSValue call_host(JSContext* context, JSValueConst, int count, JSValueConst* arguments, int, void* opaque) {
    const Target& target = *static_cast<const Target*>(opaque);
    bool staged = false;
    {
        EncodedArguments encoded;
        for (int i = 0; i < count; ++i) {
            if (!add(context, encoded, target, i, arguments[i])) return JS_EXCEPTION;
        }
        staged = stage({.kind = MessageKind::host_call,
                        .value = static_cast<uint32_t>(count),
                        .name = {target.name, target.size},
                        .payload = encoded.encoded()});
        // More than the host takes: then it has answered the call already.
        if (!staged && received_kind() != MessageKind::host_error) {
            return refuse(context, ErrorKind::plain, "the host has no room for the arguments of ", target, "");
        }
    }
    if (staged) exchange();
    return take_answer(context, target);
}

}  // namespace

JSValue make_host_function(JSContext* context, Bytes module, Bytes function) {
    const size_t size = module.size + 1 + function.size;
    auto* target = static_cast<Target*>(heap.allocate(sizeof(Target) + size + 1));
    if (!target) return JS_ThrowOutOfMemory(context);
    target->module_size = module.size;
    target->size = size;
    memcpy(target->name, module.data, module.size);
    target->name[module.size] = '\0';
    memcpy(target->name + module.size + 1, function.data, function.size);
    target->name[size] = '\0';
    // Without a name at first: then, if this fails, the target is still ours.
    Value made(context,
               JS_NewCClosure(context, call_host, nullptr, [](void* owned) { heap.release(owned); }, 0, 0, target));
    if (made.failed()) {
        heap.release(target);
        return JS_EXCEPTION;
    }
    const JSValue name = JS_NewStringLen(context, function.data, function.size);
    if (JS_IsException(name) ||
        JS_DefinePropertyValueStr(context, made.get(), "name", name, JS_PROP_CONFIGURABLE) < 0) {
        return JS_EXCEPTION;
    }
    return made.release();
}

}  // namespace curfew::guest
