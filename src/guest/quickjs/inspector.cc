#include "guest/quickjs/inspector.h"

#include <string.h>

namespace curfew::guest {

void drop_exception(JSContext* context) { JS_FreeValue(context, JS_GetException(context)); }

Value property(JSContext* context, JSValueConst object, const char* name) {
    Value value(context, JS_GetPropertyStr(context, object, name));
    if (value.failed()) {
        drop_exception(context);
        return Value(context);
    }
    return value;
}

namespace {

bool is_identifier(Bytes text) {
    for (size_t i = 0; i < text.size; ++i) {
        const char c = text.data[i];
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
        if (!letter && !(i > 0 && c >= '0' && c <= '9')) return false;
    }
    return text.size > 0;
}

}  // namespace

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
            case '\n': out_ << "\\n"; break;
            case '\r': out_ << "\\r"; break;
            case '\t': out_ << "\\t"; break;
            case '\\': out_ << "\\\\"; break;
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

void Inspector::write_named_properties(JSValueConst object, const char* open, const char* close, bool skip_indices) {
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
            if (!text.valid() || text.bytes().size == 0 || text.bytes().data[0] < '0' || text.bytes().data[0] > '9') {
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
void Inspector::write_fields_of(JSValueConst error) {
    Writer fields;
    Inspector inner(context_, fields);
    inner.above_[inner.depth_++] = JS_VALUE_GET_PTR(error);
    inner.write_named_properties(error, "{", "}", false);
    if (fields.text().size > 2) out_ << ' ' << fields.text();
}

}  // namespace curfew::guest
