#include "guest/runtime/inspect.h"

#include <string.h>

#include "guest/runtime/value.h"

namespace curfew::guest {

namespace {

constexpr int kMaxDepth = 4;
constexpr int64_t kMaxItems = 100;
constexpr size_t kMaxStringSize = 10'000;  // of a string inside something else

// The engine's own functions, which find out what no interface of the engine tells.
struct Originals {
    JSValue date_to_iso;
    JSValue regexp_to_string;
    JSValue map_for_each;
    JSValue set_for_each;
};
Originals originals;

void drop_exception(JSContext* context) {
    JS_FreeValue(context, JS_GetException(context));
}

Value property(JSContext* context, JSValueConst object, const char* name) {
    Value value(context, JS_GetPropertyStr(context, object, name));
    if (value.failed()) {
        drop_exception(context);
        return Value(context);
    }
    return value;
}

class Inspector {
  public:
    Inspector(JSContext* context, Writer& out) : context_(context), out_(out) {}

    void write(JSValueConst value);
    void write_properties_of(JSValueConst error);

  private:
    void write_object(JSValueConst object);
    void write_kind(JSValueConst object);
    void write_array(JSValueConst array, int64_t length, bool holes);
    void write_collection(JSValueConst collection, bool pairs);
    void write_promise(JSValueConst promise);
    void write_function(JSValueConst function);
    void write_by_call(JSValueConst function, JSValueConst object, const char* otherwise);
    void write_boxed(JSValueConst object, const char* class_name);
    void write_named_properties(JSValueConst object, const char* open, const char* close, bool skip_indices);
    void write_key(JSAtom key);
    void write_property_value(JSValueConst object, JSAtom key);
    void write_quoted(Bytes text);
    bool write_constructor_name(JSValueConst object, const char* usual);
    void separate() {
        out_ << (first_ ? " " : ", ");
        first_ = false;
    }
    static JSValue write_entry(JSContext*, JSValueConst, int count, JSValueConst* arguments, int pairs,
                               void* self);

    JSContext* context_;
    Writer& out_;
    const void* above_[kMaxDepth + 1] = {};  // the objects that the current one is inside of
    int depth_ = 0;
    bool first_ = true;  // no item of the current object was written yet
    int64_t items_ = 0;  // of the current collection
};

bool is_identifier(Bytes text) {
    for (size_t i = 0; i < text.size; ++i) {
        const char c = text.data[i];
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
        if (!letter && !(i > 0 && c >= '0' && c <= '9')) return false;
    }
    return text.size > 0;
}

void Inspector::write_quoted(Bytes text) {
    const bool single = memchr(text.data, '\'', text.size) != nullptr;
    const bool doubled = memchr(text.data, '"', text.size) != nullptr;
    const char quote = !single ? '\'' : !doubled ? '"' : '\'';
    size_t end = text.size < kMaxStringSize ? text.size : kMaxStringSize;
    while (end > 0 && end < text.size && (static_cast<uint8_t>(text.data[end]) & 0xc0) == 0x80) --end;
    out_ << quote;
    for (size_t i = 0; i < end; ++i) {
        const char c = text.data[i];
        switch (c) {
            case '\n':
                out_ << "\\n";
                break;
            case '\r':
                out_ << "\\r";
                break;
            case '\t':
                out_ << "\\t";
                break;
            case '\\':
                out_ << "\\\\";
                break;
            default:
                if (c == quote) out_ << '\\';
                if (static_cast<uint8_t>(c) < 0x20 || c == 0x7f) {
                    static const char kDigits[] = "0123456789abcdef";
                    out_ << "\\x" << kDigits[c >> 4 & 15] << kDigits[c & 15];
                } else {
                    out_ << c;
                }
        }
    }
    out_ << quote;
    if (end < text.size) out_ << "... " << static_cast<int64_t>(text.size - end) << " more bytes";
}

void Inspector::write(JSValueConst value) {
    if (out_.full()) return;
    if (JS_IsString(value)) {
        Writer text;
        text.write(context_, value);
        write_quoted(text.text());
    } else if (JS_IsSymbol(value)) {
        const JSAtom atom = JS_ValueToAtom(context_, value);
        const Value description(context_, JS_AtomToString(context_, atom));
        JS_FreeAtom(context_, atom);
        out_ << "Symbol(";
        out_.write(context_, description.get());
        out_ << ')';
    } else if (JS_IsBigInt(value)) {
        out_.write(context_, value);
        out_ << 'n';
    } else if (JS_IsObject(value)) {
        write_object(value);
    } else if (JS_VALUE_GET_TAG(value) == JS_TAG_FLOAT64 && JS_VALUE_GET_FLOAT64(value) == 0) {
        out_ << (__builtin_signbit(JS_VALUE_GET_FLOAT64(value)) ? "-0" : "0");
    } else {
        out_.write(context_, value);
    }
}

void Inspector::write_object(JSValueConst object) {
    const void* identity = JS_VALUE_GET_PTR(object);
    for (int i = 0; i < depth_; ++i) {
        if (above_[i] == identity) {
            out_ << "[Circular]";
            return;
        }
    }
    const bool first = first_;
    const int64_t items = items_;
    above_[depth_++] = identity;
    first_ = true;
    items_ = 0;
    write_kind(object);
    --depth_;
    first_ = first;
    items_ = items;
}

void Inspector::write_kind(JSValueConst object) {
    if (JS_IsProxy(object)) {
        const Value target(context_, JS_GetProxyTarget(context_, object));
        out_ << "Proxy ";
        if (depth_ > kMaxDepth) {
            out_ << "[...]";
        } else {
            write(target.get());
        }
        return;
    }
    if (JS_IsFunction(context_, object)) return write_function(object);
    if (JS_IsError(object)) {
        out_ << '[';
        write_error(context_, out_, object);
        out_ << ']';
        return;
    }
    if (JS_IsDate(object)) return write_by_call(originals.date_to_iso, object, "Invalid Date");
    if (JS_IsRegExp(object)) return write_by_call(originals.regexp_to_string, object, "[RegExp]");

    const bool array = JS_IsArray(object);
    if (depth_ > kMaxDepth) {
        out_ << '[';
        write_constructor_name(object, "");
        out_ << ']';
        return;
    }
    const int typed = JS_GetTypedArrayType(object);
    if (array || typed >= 0) {
        int64_t length = 0;
        if (JS_GetLength(context_, object, &length) < 0) drop_exception(context_);
        if (write_constructor_name(object, array ? "Array" : "")) out_ << '(' << length << ") ";
        return write_array(object, length, array);
    }
    if (JS_IsMap(object) || JS_IsSet(object)) return write_collection(object, JS_IsMap(object));
    if (JS_IsPromise(object)) return write_promise(object);
    if (JS_IsArrayBuffer(object)) {
        size_t size = 0;
        JS_GetArrayBuffer(context_, &size, object);
        out_ << "ArrayBuffer { byteLength: " << static_cast<int64_t>(size) << " }";
        return;
    }
    const JSAtom class_atom = JS_GetClassName(JS_GetRuntime(context_), JS_GetClassID(object));
    const char* class_name = JS_AtomToCString(context_, class_atom);
    JS_FreeAtom(context_, class_atom);
    if (class_name && (strcmp(class_name, "Number") == 0 || strcmp(class_name, "String") == 0 ||
                       strcmp(class_name, "Boolean") == 0 || strcmp(class_name, "BigInt") == 0 ||
                       strcmp(class_name, "Symbol") == 0)) {
        write_boxed(object, class_name);
    } else {
        if (write_constructor_name(object, "Object")) out_ << ' ';
        write_named_properties(object, "{", "}", false);
    }
    JS_FreeCString(context_, class_name);
}

// Writes the name of the object's constructor, unless it is the usual one.
bool Inspector::write_constructor_name(JSValueConst object, const char* usual) {
    const JSAtom constructor_atom = JS_NewAtom(context_, "constructor");
    Value holder(context_, JS_DupValue(context_, object));
    bool written = false;
    while (JS_IsObject(holder.get()) && !JS_IsProxy(holder.get())) {
        JSPropertyDescriptor found;
        const int has = JS_GetOwnProperty(context_, &found, holder.get(), constructor_atom);
        if (has < 0) drop_exception(context_);
        if (has > 0) {
            const Value constructor(context_, found.value);
            const Value getter(context_, found.getter);
            const Value setter(context_, found.setter);
            if (!JS_IsObject(constructor.get())) break;
            const Value name = property(context_, constructor.get(), "name");
            if (!JS_IsString(name.get())) break;
            const Text text(context_, name.get());
            if (!text.valid() || text.bytes().size == 0) break;
            const Bytes bytes = text.bytes();
            if (bytes.size == strlen(usual) && memcmp(bytes.data, usual, bytes.size) == 0) {
                JS_FreeAtom(context_, constructor_atom);
                return false;
            }
            out_ << bytes;
            written = true;
            break;
        }
        holder.reset(JS_GetPrototype(context_, holder.get()));
    }
    JS_FreeAtom(context_, constructor_atom);
    if (!written) out_ << (JS_IsNull(holder.get()) ? "[Object: null prototype]" : "Object");
    return true;
}

void Inspector::write_array(JSValueConst array, int64_t length, bool holes) {
    out_ << '[';
    const int64_t shown = length < kMaxItems ? length : kMaxItems;
    int64_t missing = 0;
    for (int64_t i = 0; i <= shown; ++i) {
        if (i < shown && holes) {
            const JSAtom index = JS_NewAtomUInt32(context_, static_cast<uint32_t>(i));
            const int has = JS_GetOwnProperty(context_, nullptr, array, index);
            if (has == 0) {
                JS_FreeAtom(context_, index);
                ++missing;
                continue;
            }
            if (has < 0) drop_exception(context_);
            if (missing > 0) {
                separate();
                out_ << '<' << missing << (missing == 1 ? " empty item>" : " empty items>");
                missing = 0;
            }
            separate();
            write_property_value(array, index);
            JS_FreeAtom(context_, index);
        } else if (i < shown) {
            const Value item(context_, JS_GetPropertyInt64(context_, array, i));
            separate();
            write(item.get());
        }
    }
    if (missing > 0) {
        separate();
        out_ << '<' << missing << (missing == 1 ? " empty item>" : " empty items>");
    }
    if (length > shown) {
        separate();
        out_ << "... " << (length - shown) << (length - shown == 1 ? " more item" : " more items");
    }
    if (holes) {
        write_named_properties(array, "", "]", true);
    } else {
        out_ << (first_ ? "]" : " ]");
    }
}

JSValue Inspector::write_entry(JSContext*, JSValueConst, int count, JSValueConst* arguments, int pairs,
                               void* self) {
    auto& inspector = *static_cast<Inspector*>(self);
    if (count < 2 || ++inspector.items_ > kMaxItems) return JS_UNDEFINED;
    inspector.separate();
    if (pairs) {
        inspector.write(arguments[1]);
        inspector.out_ << " => ";
    }
    inspector.write(arguments[0]);
    return JS_UNDEFINED;
}

void Inspector::write_collection(JSValueConst collection, bool pairs) {
    const Value callback(context_, JS_NewCClosure(context_, write_entry, "", nullptr, 2, pairs, this));
    JSValue argument = callback.get();
    write_constructor_name(collection, "");
    const Value size = property(context_, collection, "size");
    out_ << '(';
    out_.write(context_, size.get());
    out_ << ") {";
    const Value done(context_, JS_Call(context_, pairs ? originals.map_for_each : originals.set_for_each,
                                       collection, 1, &argument));
    if (done.failed()) drop_exception(context_);
    if (items_ > kMaxItems) {
        separate();
        out_ << "... " << (items_ - kMaxItems) << (items_ - kMaxItems == 1 ? " more item" : " more items");
    }
    out_ << (first_ ? "}" : " }");
}

void Inspector::write_promise(JSValueConst promise) {
    out_ << "Promise { ";
    const JSPromiseStateEnum state = JS_PromiseState(context_, promise);
    if (state == JS_PROMISE_PENDING) {
        out_ << "<pending>";
    } else {
        if (state == JS_PROMISE_REJECTED) out_ << "<rejected> ";
        const Value result(context_, JS_PromiseResult(context_, promise));
        write(result.get());
    }
    out_ << " }";
}

void Inspector::write_function(JSValueConst function) {
    // A class's prototype cannot be replaced; a function's can.
    const JSAtom prototype_atom = JS_NewAtom(context_, "prototype");
    JSPropertyDescriptor prototype;
    bool is_class = false;
    if (JS_GetOwnProperty(context_, &prototype, function, prototype_atom) > 0) {
        is_class = JS_IsConstructor(context_, function) && (prototype.flags & JS_PROP_WRITABLE) == 0;
        JS_FreeValue(context_, prototype.value);
        JS_FreeValue(context_, prototype.getter);
        JS_FreeValue(context_, prototype.setter);
    }
    JS_FreeAtom(context_, prototype_atom);
    out_ << (is_class ? "[class" : JS_IsAsyncFunction(function) ? "[AsyncFunction" : "[Function");
    const Value name = property(context_, function, "name");
    const Text text(context_, JS_IsString(name.get()) ? name.get() : JS_UNDEFINED);
    if (!JS_IsString(name.get()) || !text.valid() || text.bytes().size == 0) {
        out_ << " (anonymous)]";
    } else {
        out_ << (is_class ? " " : ": ");
        out_.write(context_, name.get());
        out_ << ']';
    }
}

void Inspector::write_by_call(JSValueConst function, JSValueConst object, const char* otherwise) {
    const Value text(context_, JS_Call(context_, function, object, 0, nullptr));
    if (text.failed()) {
        drop_exception(context_);
        out_ << otherwise;
    } else {
        out_.write(context_, text.get());
    }
}

void Inspector::write_boxed(JSValueConst object, const char* class_name) {
    out_ << '[' << class_name;
    if (strcmp(class_name, "String") == 0) {
        Writer text;
        text.write(context_, object);
        out_ << ": ";
        write_quoted(text.text());
    } else if (strcmp(class_name, "Symbol") != 0) {
        out_ << ": ";
        out_.write(context_, object);
    }
    out_ << ']';
}

void Inspector::write_key(JSAtom key) {
    const Value name(context_, JS_AtomToValue(context_, key));
    if (JS_IsSymbol(name.get())) {
        out_ << '[';
        write(name.get());
        out_ << ']';
        return;
    }
    Writer text;
    text.write(context_, name.get());
    if (is_identifier(text.text())) {
        out_ << text.text();
    } else {
        write_quoted(text.text());
    }
}

void Inspector::write_property_value(JSValueConst object, JSAtom key) {
    JSPropertyDescriptor found;
    const int has = JS_GetOwnProperty(context_, &found, object, key);
    if (has <= 0) {
        if (has < 0) drop_exception(context_);
        out_ << "undefined";
        return;
    }
    const Value value(context_, found.value);
    const Value getter(context_, found.getter);
    const Value setter(context_, found.setter);
    if ((found.flags & JS_PROP_GETSET) == 0) {
        write(value.get());
    } else {
        const bool get = JS_IsFunction(context_, getter.get());
        const bool set = JS_IsFunction(context_, setter.get());
        out_ << (get && set ? "[Getter/Setter]" : get ? "[Getter]" : "[Setter]");
    }
}

void Inspector::write_named_properties(JSValueConst object, const char* open, const char* close,
                                       bool skip_indices) {
    out_ << open;
    JSPropertyEnum* properties = nullptr;
    uint32_t count = 0;
    if (JS_GetOwnPropertyNames(context_, &properties, &count, object,
                               JS_GPN_STRING_MASK | JS_GPN_SYMBOL_MASK | JS_GPN_ENUM_ONLY) < 0) {
        drop_exception(context_);
        properties = nullptr;
        count = 0;
    }
    int64_t written = 0;
    uint32_t i = 0;
    if (skip_indices) {
        // Indices come first, and are no more than the array's items.
        for (; i < count; ++i) {
            const Value key(context_, JS_AtomToValue(context_, properties[i].atom));
            if (JS_IsSymbol(key.get())) break;
            const Text text(context_, key.get());
            if (!text.valid() || text.bytes().size == 0 || text.bytes().data[0] < '0' ||
                text.bytes().data[0] > '9') {
                break;
            }
        }
    }
    for (; i < count && written < kMaxItems; ++i, ++written) {
        separate();
        write_key(properties[i].atom);
        out_ << ": ";
        write_property_value(object, properties[i].atom);
    }
    if (i < count) {
        separate();
        out_ << "... " << static_cast<int64_t>(count - i) << " more";
    }
    JS_FreePropertyEnum(context_, properties, count);
    if (!first_) out_ << ' ';
    out_ << close;
}

// An error's own fields, such as `code`, behind what the error says.
void Inspector::write_properties_of(JSValueConst error) {
    Writer fields;
    Inspector inner(context_, fields);
    inner.above_[inner.depth_++] = JS_VALUE_GET_PTR(error);
    inner.write_named_properties(error, "{", "}", false);
    if (fields.text().size > 2) out_ << ' ' << fields.text();
}

}  // namespace

bool prepare_inspect(JSContext* context) {
    const Value global(context, JS_GetGlobalObject(context));
    const auto original = [&](const char* constructor, const char* method) {
        const Value function = property(context, global.get(), constructor);
        const Value prototype = property(context, function.get(), "prototype");
        return property(context, prototype.get(), method).release();
    };
    originals = {.date_to_iso = original("Date", "toISOString"),
                 .regexp_to_string = original("RegExp", "toString"),
                 .map_for_each = original("Map", "forEach"),
                 .set_for_each = original("Set", "forEach")};
    return JS_IsObject(originals.date_to_iso) && JS_IsObject(originals.regexp_to_string) &&
           JS_IsObject(originals.map_for_each) && JS_IsObject(originals.set_for_each);
}

void write_error(JSContext* context, Writer& out, JSValueConst error) {
    const Value name = property(context, error, "name");
    const Value message = property(context, error, "message");
    Writer said;
    if (!JS_IsUndefined(message.get())) said.write(context, message.get());
    if (JS_IsUndefined(name.get())) {
        out << "Error";
    } else {
        const size_t before = out.text().size;
        out.write(context, name.get());
        if (out.text().size == before) {
            out << said.text();
            return;
        }
    }
    if (said.text().size > 0) out << ": " << said.text();
}

void write_loose(JSContext* context, Writer& out, JSValueConst value) {
    Inspector inspector(context, out);
    if (JS_IsString(value)) {
        out.write(context, value);
    } else if (JS_IsError(value)) {
        write_error(context, out, value);
        const Value stack = property(context, value, "stack");
        Writer lines;
        if (JS_IsString(stack.get())) lines.write(context, stack.get());
        Bytes text = lines.text();
        if (text.size > 0 && text.data[text.size - 1] == '\n') --text.size;
        if (text.size > 0) out << '\n' << text;
        inspector.write_properties_of(value);
    } else {
        inspector.write(value);
    }
}

namespace {

// Replaces one directive of a format. Takes no argument for what is none.
bool write_directive(JSContext* context, Writer& out, char directive, JSValueConst value) {
    switch (directive) {
        case 's':
            if (JS_IsObject(value) || JS_IsSymbol(value) || JS_IsBigInt(value)) {
                Inspector(context, out).write(value);
            } else {
                out.write(context, value);
            }
            return true;
        case 'd':
        case 'i':
        case 'f': {
            double number = 0;
            if (JS_IsSymbol(value) || JS_IsObject(value) || JS_IsBigInt(value) ||
                JS_ToFloat64(context, &number, value) < 0) {
                if (JS_IsBigInt(value)) {
                    Inspector(context, out).write(value);
                } else {
                    if (JS_HasException(context)) drop_exception(context);
                    out << "NaN";
                }
                return true;
            }
            if (directive == 'i') number = __builtin_trunc(number);
            const Value shown(context, JS_NewNumber(context, number));
            Inspector(context, out).write(shown.get());
            return true;
        }
        case 'j': {
            const Value json(context, JS_JSONStringify(context, value, JS_UNDEFINED, JS_UNDEFINED));
            if (json.failed()) {
                drop_exception(context);
                out << "[Circular]";
            } else {
                out.write(context, json.get());
            }
            return true;
        }
        case 'o':
        case 'O':
            Inspector(context, out).write(value);
            return true;
        case 'c':
            return true;  // styles are for browsers
        default:
            return false;
    }
}

}  // namespace

void write_arguments(JSContext* context, Writer& out, int count, JSValueConst* arguments) {
    int next = 0;
    if (count > 1 && JS_IsString(arguments[0])) {
        Writer format;
        format.write(context, arguments[0]);
        const Bytes text = format.text();
        next = 1;
        for (size_t i = 0; i < text.size; ++i) {
            if (text.data[i] != '%' || i + 1 == text.size) {
                out << text.data[i];
            } else if (text.data[i + 1] == '%') {
                out << '%';
                ++i;
            } else if (next < count && write_directive(context, out, text.data[i + 1], arguments[next])) {
                ++next;
                ++i;
            } else {
                out << '%';
            }
        }
        if (next < count) out << ' ';
    }
    for (; next < count; ++next) {
        write_loose(context, out, arguments[next]);
        if (next + 1 < count) out << ' ';
    }
}

}  // namespace curfew::guest
