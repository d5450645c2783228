#include "guest/quickjs/structured_clone.h"

#include "guest/quickjs/inspect.h"
#include "guest/quickjs/iterables.h"
#include "guest/quickjs/value.h"

namespace curfew::guest {

namespace {

JSValue throw_clone_error(JSContext* context, const char* what) {
    return JS_ThrowDOMException(context, "DataCloneError", "%s cannot be cloned", what);
}

// Which object became which: a hash table by the objects' addresses. Holds both, so that no address is used twice.
class Clones {
  public:
    explicit Clones(JSContext* context) : context_(context) {}
    Clones(const Clones&) = delete;
    Clones& operator=(const Clones&) = delete;
    ~Clones() {
        for (size_t i = 0; i < capacity_; ++i) {
            JS_FreeValue(context_, pairs_[i].original);
            JS_FreeValue(context_, pairs_[i].clone);
        }
        if (pairs_) js_free(context_, pairs_);
    }

    // Undefined if the object has no clone yet. The reference stays the table's.
    JSValue find(JSValueConst original) const {
        return capacity_ == 0 ? JS_UNDEFINED : pairs_[place_of(original)].clone;
    }

    // False, with an exception, when memory runs out.
    bool add(JSValueConst original, JSValueConst clone) {
        if (count_ * 2 >= capacity_ && !grow()) return false;
        pairs_[place_of(original)] = {JS_DupValue(context_, original), JS_DupValue(context_, clone)};
        ++count_;
        return true;
    }

  private:
    struct Pair {
        JSValue original;
        JSValue clone;
    };

    // Where the object is, or would be put.
    size_t place_of(JSValueConst original) const {
        const auto address = reinterpret_cast<uintptr_t>(JS_VALUE_GET_PTR(original));
        size_t place = (address >> 4) * 0x9e3779b97f4a7c15 >> 20 & (capacity_ - 1);
        while (JS_IsObject(pairs_[place].original) &&
               JS_VALUE_GET_PTR(pairs_[place].original) != JS_VALUE_GET_PTR(original)) {
            place = (place + 1) & (capacity_ - 1);
        }
        return place;
    }

    bool grow() {
        Pair* const old = pairs_;
        const size_t old_capacity = capacity_;
        const size_t wanted = capacity_ == 0 ? 16 : 2 * capacity_;
        auto* const grown = static_cast<Pair*>(js_malloc(context_, wanted * sizeof(Pair)));
        if (!grown) return false;
        for (size_t i = 0; i < wanted; ++i) grown[i] = {JS_UNDEFINED, JS_UNDEFINED};
        pairs_ = grown;
        capacity_ = wanted;
        for (size_t i = 0; i < old_capacity; ++i) {
            if (JS_IsObject(old[i].original)) pairs_[place_of(old[i].original)] = old[i];
        }
        if (old) js_free(context_, old);
        return true;
    }

    JSContext* context_;
    Pair* pairs_ = nullptr;
    size_t capacity_ = 0;  // a power of two
    size_t count_ = 0;
};

class Cloner {
  public:
    explicit Cloner(JSContext* context) : context_(context), clones_(context) {}

    // Every method returns an exception for what cannot be cloned.
    JSValue clone(JSValueConst value) {
        if (!JS_IsObject(value)) {
            return JS_IsSymbol(value) ? throw_clone_error(context_, "a symbol") : JS_DupValue(context_, value);
        }
        const JSValue known = clones_.find(value);
        if (!JS_IsUndefined(known)) return JS_DupValue(context_, known);
        if (engine_throws_for_deep_stack(context_)) return JS_EXCEPTION;
        Value copy(context_, copy_of(value));
        if (copy.failed() || !clones_.add(value, copy.get()) || !fill(value, copy.get())) return JS_EXCEPTION;
        return copy.release();
    }

  private:
    JSValue copy_of(JSValueConst object);
    JSValue copy_of_view(JSValueConst view);
    JSValue copy_of_error(JSValueConst error);
    bool fill(JSValueConst object, JSValueConst copy);
    bool fill_properties(JSValueConst object, JSValueConst copy);
    bool fill_collection(JSValueConst collection, JSValueConst copy, bool is_set);
    bool copy_text(JSValueConst error, JSValueConst copy, const char* name);
    JSValue own_value(JSValueConst object, const char* name);

    JSContext* context_;
    Clones clones_;
};

// The object without what it holds.
JSValue Cloner::copy_of(JSValueConst object) {
    switch (engine_kind_of(object)) {
        case ENGINE_PLAIN: return JS_NewObject(context_);
        case ENGINE_ARRAY: return JS_NewArray(context_);
        case ENGINE_BOXED: {
            const Value primitive(context_, engine_unboxed(context_, object));
            return JS_ToObject(context_, primitive.get());
        }
        case ENGINE_DATE: {
            const Value time(context_, engine_unboxed(context_, object));
            double milliseconds = 0;
            JS_ToFloat64(context_, &milliseconds, time.get());  // a number, which converts without running code
            return JS_NewDate(context_, milliseconds);
        }
        case ENGINE_REGEXP: return engine_copy_of_regexp(context_, object);
        case ENGINE_ERROR: return copy_of_error(object);
        case ENGINE_DOM_EXCEPTION: {
            const Value message(context_, JS_GetPropertyStr(context_, object, "message"));
            const Value name(context_, JS_GetPropertyStr(context_, object, "name"));
            if (message.failed() || name.failed()) return JS_EXCEPTION;
            return engine_new_dom_exception(context_, message.get(), name.get());
        }
        case ENGINE_MAP: return engine_new_collection(context_, false);
        case ENGINE_SET: return engine_new_collection(context_, true);
        case ENGINE_ARRAY_BUFFER:
            return engine_is_detached(object) ? throw_clone_error(context_, "a detached ArrayBuffer")
                                              : engine_copy_of_buffer(context_, object);
        case ENGINE_TYPED_ARRAY:
        case ENGINE_DATA_VIEW: return copy_of_view(object);
        case ENGINE_SHARED_BUFFER:
            return engine_is_growable(object) ? throw_clone_error(context_, "a growable SharedArrayBuffer")
                                              : engine_share_of_buffer(context_, object);
        case ENGINE_OTHER: break;
    }
    Writer what;
    if (JS_IsFunction(context_, object) || JS_IsProxy(object)) {
        what << (JS_IsProxy(object) ? "a Proxy" : "a function") << '\0';
    } else {
        const JSAtom atom = JS_GetClassName(JS_GetRuntime(context_), JS_GetClassID(object));
        const Value name(context_, JS_AtomToString(context_, atom));
        JS_FreeAtom(context_, atom);
        what << "an object of the class ";
        what.write(context_, name.get());
        what << '\0';
    }
    return throw_clone_error(context_, what.text().data);
}

// Views of one buffer stay views of one buffer.
JSValue Cloner::copy_of_view(JSValueConst view) {
    uint8_t* bytes = nullptr;
    size_t size = 0;
    if (!engine_bytes_of(context_, view, false, &bytes, &size)) {
        JS_FreeValue(context_, JS_GetException(context_));
        return throw_clone_error(context_, "a view of a detached or shrunken buffer");
    }
    const Value buffer(context_, engine_buffer_of(context_, view));
    const Value copy(context_, clone(buffer.get()));
    return copy.failed() ? JS_EXCEPTION : engine_copy_of_view(context_, view, copy.get());
}

// A property that the object itself has, unless it is an accessor; else undefined.
JSValue Cloner::own_value(JSValueConst object, const char* name) {
    const JSAtom atom = JS_NewAtom(context_, name);
    JSPropertyDescriptor found;
    const int has = JS_GetOwnProperty(context_, &found, object, atom);
    JS_FreeAtom(context_, atom);
    if (has < 0) return JS_EXCEPTION;
    if (has == 0) return JS_UNDEFINED;
    JS_FreeValue(context_, found.getter);
    JS_FreeValue(context_, found.setter);
    return found.value;
}

JSValue Cloner::copy_of_error(JSValueConst error) {
    const Value name(context_, JS_GetPropertyStr(context_, error, "name"));
    if (name.failed()) return JS_EXCEPTION;
    static constexpr const char* kNames[] = {"EvalError",   "RangeError", "ReferenceError",
                                             "SyntaxError", "TypeError",  "URIError"};
    if (JS_IsString(name.get())) {
        const Text text(context_, name.get());
        if (!text.valid()) return JS_EXCEPTION;
        for (const char* known : kNames) {
            if (equals(text.bytes(), known)) return engine_new_error(context_, known);
        }
    }
    return engine_new_error(context_, "Error");
}

// Copies an own property as a string, if there is one.
bool Cloner::copy_text(JSValueConst error, JSValueConst copy, const char* name) {
    const Value value(context_, own_value(error, name));
    if (value.failed()) return false;
    if (JS_IsUndefined(value.get())) return true;
    const JSValue text = JS_ToString(context_, value.get());
    return !JS_IsException(text) &&
           JS_DefinePropertyValueStr(context_, copy, name, text, JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) >= 0;
}

bool Cloner::fill(JSValueConst object, JSValueConst copy) {
    switch (engine_kind_of(object)) {
        case ENGINE_ARRAY: {
            int64_t length = 0;
            int64_t filled = 0;
            // The length comes last: the engine stores arrays compactly if they grow item by item.
            return JS_GetLength(context_, object, &length) >= 0 && fill_properties(object, copy) &&
                   JS_GetLength(context_, copy, &filled) >= 0 &&
                   (filled >= length || JS_SetLength(context_, copy, length) >= 0);
        }
        case ENGINE_PLAIN: return fill_properties(object, copy);
        case ENGINE_MAP: return fill_collection(object, copy, false);
        case ENGINE_SET: return fill_collection(object, copy, true);
        case ENGINE_ERROR: {
            engine_copy_stack(context_, object, copy);
            if (!copy_text(object, copy, "message") || !copy_text(object, copy, "stack")) return false;
            const Value cause(context_, own_value(object, "cause"));
            if (cause.failed()) return false;
            if (JS_IsUndefined(cause.get())) return true;
            const JSValue cloned = clone(cause.get());
            return !JS_IsException(cloned) && JS_DefinePropertyValueStr(context_, copy, "cause", cloned,
                                                                        JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) >= 0;
        }
        default: return true;
    }
}

bool Cloner::fill_properties(JSValueConst object, JSValueConst copy) {
    JSPropertyEnum* properties = nullptr;
    uint32_t count = 0;
    if (JS_GetOwnPropertyNames(context_, &properties, &count, object, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) < 0) {
        return false;
    }
    bool done = true;
    for (uint32_t i = 0; done && i < count; ++i) {
        const JSAtom name = properties[i].atom;
        // A getter that ran before may have removed it.
        const int has = JS_GetOwnProperty(context_, nullptr, object, name);
        if (has == 0) continue;
        const Value value(context_, has < 0 ? JS_EXCEPTION : JS_GetProperty(context_, object, name));
        const JSValue cloned = value.failed() ? JS_EXCEPTION : clone(value.get());
        done = !JS_IsException(cloned) && JS_DefinePropertyValue(context_, copy, name, cloned, JS_PROP_C_W_E) >= 0;
    }
    JS_FreePropertyEnum(context_, properties, count);
    return done;
}

bool Cloner::fill_collection(JSValueConst collection, JSValueConst copy, bool is_set) {
    // A list of the entries as they are now, since getters may change the collection.
    const Value entries(context_, engine_entries_of(context_, collection));
    int64_t length = 0;
    if (entries.failed() || JS_GetLength(context_, entries.get(), &length) < 0) return false;
    const auto cloned_item = [&](int64_t index) {
        const Value item(context_, JS_GetPropertyInt64(context_, entries.get(), index));
        return item.failed() ? JS_EXCEPTION : clone(item.get());
    };
    for (int64_t i = 0; i < length; i += is_set ? 1 : 2) {
        const Value key(context_, cloned_item(i));
        const Value value(context_, is_set || key.failed() ? JS_UNDEFINED : cloned_item(i + 1));
        if (key.failed() || value.failed() || !engine_add_entry(context_, copy, key.get(), value.get())) return false;
    }
    return true;
}

// The buffers that are to be taken from whoever has the original. An array, or an exception.
JSValue transfer_list(JSContext* context, JSValueConst options) {
    if (!JS_IsObject(options) && !JS_IsUndefined(options) && !JS_IsNull(options)) {
        return JS_ThrowTypeError(context, "structuredClone's options are an object, not %s", kind_of(context, options));
    }
    Value list(context, JS_IsObject(options) ? JS_GetPropertyStr(context, options, "transfer") : JS_UNDEFINED);
    Value buffers(context, JS_NewArray(context));
    if (list.failed() || buffers.failed()) return JS_EXCEPTION;
    if (JS_IsUndefined(list.get())) return buffers.release();
    list.reset(array_of_iterable(context, list.get(), "structuredClone's option transfer"));
    if (list.failed()) return JS_EXCEPTION;
    int64_t length = 0;
    if (JS_GetLength(context, list.get(), &length) < 0) return JS_EXCEPTION;
    for (int64_t i = 0; i < length; ++i) {
        Value buffer(context, JS_GetPropertyInt64(context, list.get(), i));
        if (buffer.failed()) return JS_EXCEPTION;
        uint8_t* bytes = nullptr;
        size_t size = 0;
        if (engine_kind_of(buffer.get()) != ENGINE_ARRAY_BUFFER) {
            return JS_ThrowDOMException(context, "DataCloneError", "only an ArrayBuffer can be transferred, not %s",
                                        kind_of(context, buffer.get()));
        }
        if (!engine_bytes_of(context, buffer.get(), true, &bytes, &size)) {
            JS_FreeValue(context, JS_GetException(context));
            return JS_ThrowDOMException(context, "DataCloneError",
                                        "a detached or immutable buffer cannot be transferred");
        }
        for (int64_t k = 0; k < i; ++k) {
            const Value other(context, JS_GetPropertyInt64(context, buffers.get(), k));
            if (JS_VALUE_GET_PTR(other.get()) == JS_VALUE_GET_PTR(buffer.get())) {
                return JS_ThrowDOMException(context, "DataCloneError", "a buffer cannot be transferred twice");
            }
        }
        if (JS_DefinePropertyValueUint32(context, buffers.get(), static_cast<uint32_t>(i), buffer.release(),
                                         JS_PROP_C_W_E) < 0) {
            return JS_EXCEPTION;
        }
    }
    return buffers.release();
}

}  // namespace

JSValue structured_clone(JSContext* context, JSValueConst, int count, JSValueConst* arguments) {
    if (count == 0) return JS_ThrowTypeError(context, "structuredClone needs a value to clone");
    const Value buffers(context, transfer_list(context, count > 1 ? arguments[1] : JS_UNDEFINED));
    if (buffers.failed()) return JS_EXCEPTION;
    Value clone(context, Cloner(context).clone(arguments[0]));
    int64_t length = 0;
    if (clone.failed() || JS_GetLength(context, buffers.get(), &length) < 0) return JS_EXCEPTION;
    // The clone has a copy of each; what remains of a transfer is that the original is gone.
    for (int64_t i = 0; i < length; ++i) {
        const Value buffer(context, JS_GetPropertyInt64(context, buffers.get(), i));
        JS_DetachArrayBuffer(context, buffer.get());
    }
    return clone.release();
}

}  // namespace curfew::guest
