#include "guest/quickjs/host_calls.h"

#include <string.h>

#include "guest/platform/memory.h"
#include "guest/quickjs/host_answers.h"
#include "guest/quickjs/open_calls.h"
#include "guest/quickjs/throw.h"
#include "guest/quickjs/value.h"
#include "guest/quickjs/value_encoder.h"
#include "guest/quickjs/writer.h"

namespace curfew::guest {

using wire::ArgumentHeader;
using wire::MessageKind;

namespace {

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

bool refuse_argument(JSContext* context, const HostTarget& target, int index, const char* what) {
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

bool add_bytes(JSContext* context, EncodedArguments& arguments, const HostTarget& target, int index,
               JSValueConst value) {
    uint8_t* bytes = nullptr;
    size_t size = 0;
    if (!engine_bytes_of(context, value, /*to_write=*/false, &bytes, &size)) {
        JS_FreeValue(context, JS_GetException(context));
        return refuse_argument(context, target, index, "backed by a buffer that was detached or has shrunk");
    }
    return arguments.add({reinterpret_cast<const char*>(bytes), size}, true) || out_of_memory(context);
}

// False when an exception is pending.
bool add(JSContext* context, EncodedArguments& arguments, const HostTarget& target, int index, JSValueConst value) {
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

// One array of all arguments, for a function that gets values.
bool stage_values(JSContext* context, const HostTarget& target, uint32_t flags, int count, JSValueConst* arguments,
                  bool& staged) {
    JSValue few[8] = {};
    JSValue* const copies =
        count <= 8 ? few : static_cast<JSValue*>(js_malloc(context, static_cast<size_t>(count) * sizeof(JSValue)));
    if (!copies) return false;
    for (int i = 0; i < count; ++i) copies[i] = JS_DupValue(context, arguments[i]);
    const Value list(context, JS_NewArrayFrom(context, count, copies));
    if (copies != few) js_free(context, copies);
    if (list.failed()) return false;
    Writer what;
    what << "the argument list of " << target << '\0';
    CborWriter cbor;
    // Room for the header, which goes before what is written then.
    const ArgumentHeader none{};
    cbor.raw(&none, sizeof(none));
    if (!ValueEncoder(context, cbor).write(list.get(), what.text().data)) return false;
    const Bytes payload = cbor.written();
    const ArgumentHeader header = ArgumentHeader::of_values(payload.size - sizeof(header));
    memcpy(const_cast<char*>(payload.data), &header, sizeof(header));
    staged =
        stage({.kind = MessageKind::host_call, .flags = flags, .value = 1, .name = target.name(), .payload = payload});
    return true;
}

// Encodes the arguments and stages the call. False: an exception is pending. Whether the host is still to be given the turn
// is in `staged`: of more than it takes, it has answered already.
bool stage_call(JSContext* context, const HostTarget& target, uint32_t flags, int count, JSValueConst* arguments,
                bool& staged) {
    if (target.gets_values()) {
        if (!stage_values(context, target, flags, count, arguments, staged)) return false;
    } else {
        EncodedArguments encoded;
        for (int i = 0; i < count; ++i) {
            if (!add(context, encoded, target, i, arguments[i])) return false;
        }
        staged = stage({.kind = MessageKind::host_call,
                        .flags = flags,
                        .value = static_cast<uint32_t>(count),
                        .name = target.name(),
                        .payload = encoded.encoded()});
    }
    if (staged || received_kind() == MessageKind::host_error) return true;
    throw_about(context, ErrorKind::plain, "the host has no room for the arguments of ", target, "");
    return false;
}

// Comes back with the host's answer in the mailbox. False when an exception is pending.
bool ask_host(JSContext* context, const HostTarget& target, uint32_t flags, int count, JSValueConst* arguments) {
    bool staged = false;
    if (!stage_call(context, target, flags, count, arguments, staged)) return false;
    if (staged) exchange();
    return true;
}

HostTarget& target_of(void* opaque) { return *static_cast<HostTarget*>(opaque); }

JSValue call_blocking(JSContext* context, JSValueConst, int count, JSValueConst* arguments, int, void* opaque) {
    const HostTarget& target = target_of(opaque);
    if (!ask_host(context, target, 0, count, arguments)) return JS_EXCEPTION;
    return take_host_answer(context, target);
}

JSValue call_asynchronous(JSContext* context, JSValueConst, int count, JSValueConst* arguments, int, void* opaque) {
    HostTarget& target = target_of(opaque);
    OpenPromise open(context);
    if (!open.made()) return JS_EXCEPTION;
    if (!ask_host(context, target, wire::kAsync, count, arguments)) {
        open.settle(JS_EXCEPTION);
    } else if (received_kind() == MessageKind::pending) {
        open.keep_open(mailbox().message.value, target);
    } else {
        open.settle(take_host_answer(context, target));
    }
    return open.promise();
}

}  // namespace

JSValue make_host_function(JSContext* context, Bytes module, Bytes function, wire::FunctionMark mark) {
    const bool gets_values =
        mark == wire::FunctionMark::blocking_values || mark == wire::FunctionMark::asynchronous_values;
    HostTarget* const target = HostTarget::make(module, function, gets_values);
    if (!target) return JS_ThrowOutOfMemory(context);
    const bool is_asynchronous =
        mark == wire::FunctionMark::asynchronous || mark == wire::FunctionMark::asynchronous_values;
    auto* const call = is_asynchronous ? call_asynchronous : call_blocking;
    // Without a name at first: then, if this fails, the target is still ours.
    Value made(context,
               JS_NewCClosure(context, call, nullptr, [](void* owned) { target_of(owned).release(); }, 0, 0, target));
    if (made.failed()) {
        target->release();
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
