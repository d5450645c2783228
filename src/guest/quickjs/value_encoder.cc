#include "guest/quickjs/value_encoder.h"

#include "guest/quickjs/inspect.h"
#include "guest/quickjs/throw.h"
#include "guest/quickjs/value_place.h"

namespace curfew::guest {

namespace cbor = wire::cbor;

namespace {

JSAtom to_json_atom(JSContext* context) {
    static const JSAtom atom = JS_NewAtom(context, "toJSON");
    return atom;
}

constexpr int kMostLevels = 200;  // of objects in each other; the host takes no more

// The tag of a typed array, by ENGINE_VIEW_...; 0: none.
constexpr uint8_t kViewTags[] = {0, 68, 72, 69, 77, 70, 78, 71, 79, 84, 85, 86};

}  // namespace

struct ValueEncoder::Visit {
    ValueEncoder& encoder;
    const Step* outer;
};

bool ValueEncoder::write(JSValueConst value, const char* what) {
    what_ = what;
    if (!item(value, nullptr) || !put_marks()) return false;
    if (!out_.failed() && out_.size() <= UINT32_MAX) return true;
    JS_ThrowOutOfMemory(context_);
    return false;
}

bool ValueEncoder::refuse(const Step* step, const char* what) {
    constexpr int kMostSteps = 32;
    Writer message;
    message << what_ << (step ? " holds " : " is ") << what;
    if (step) {
        const Step* steps[kMostSteps];
        int count = 0;
        for (const Step* at = step; at; at = at->outer) steps[count++ % kMostSteps] = at;
        message << " at ";
        const int shown = count < kMostSteps ? count : kMostSteps;
        for (int i = 0; i < shown; ++i) {
            const Step& each = *steps[(count - 1 - i) % kMostSteps];
            write_step(context_, message, each.name, each.index);
        }
        if (count > kMostSteps) message << "...";
        message << ',';
    } else {
        message << ',';
    }
    message << " which cannot be passed to the host";
    throw_error(context_, ErrorKind::type, message.text());
    return false;
}

bool ValueEncoder::item(JSValueConst value, const Step* step) {
    switch (JS_VALUE_GET_NORM_TAG(value)) {
        case JS_TAG_INT: out_.integer(JS_VALUE_GET_INT(value)); return true;
        case JS_TAG_FLOAT64: out_.number(JS_VALUE_GET_FLOAT64(value)); return true;
        case JS_TAG_BOOL: out_.byte(JS_VALUE_GET_BOOL(value) ? cbor::kTrue : cbor::kFalse); return true;
        case JS_TAG_NULL: out_.byte(cbor::kNull); return true;
        case JS_TAG_UNDEFINED: out_.byte(cbor::kUndefined); return true;
        case JS_TAG_STRING:
        case JS_TAG_STRING_ROPE: return string(value, step);
        case JS_TAG_BIG_INT:
        case JS_TAG_SHORT_BIG_INT: return bigint(value);
        case JS_TAG_OBJECT: return object(value, step);
        default: return refuse(step, "a symbol");
    }
}

bool ValueEncoder::string(JSValueConst value, const Step* step) {
    const uint8_t* narrow = nullptr;
    const uint16_t* wide = nullptr;
    size_t size = 0;
    Value whole(context_);
    if (!engine_string_chars(value, &narrow, &wide, &size)) {
        whole.reset(JS_ToString(context_, value));
        if (whole.failed()) return false;
        engine_string_chars(whole.get(), &narrow, &wide, &size);
    }
    if (narrow) {
        out_.narrow(narrow, size);
        return true;
    }
    return out_.wide(wide, size) || refuse(step, "a string with half of a surrogate pair");
}

bool ValueEncoder::bigint(JSValueConst value) {
    constexpr size_t kSmall = 64;
    uint8_t small[kSmall];
    const size_t size = engine_bigint_size(value);
    auto* const bytes = size <= kSmall ? small : static_cast<uint8_t*>(js_malloc(context_, size));
    if (!bytes) return false;
    out_.tag(engine_bigint_bytes(value, bytes) ? cbor::kNegativeBigInt : cbor::kBigInt);
    size_t zeros = 0;
    while (zeros < size && bytes[zeros] == 0) ++zeros;
    out_.bytes(bytes + zeros, size - zeros);
    if (bytes != small) js_free(context_, bytes);
    return true;
}

bool ValueEncoder::object(JSValueConst value, const Step* step) {
    const EngineKind kind = engine_kind_of(value);
    if (kind == ENGINE_BOXED) {
        const Value primitive(context_, engine_unboxed(context_, value));
        return item(primitive.get(), step);
    }
    if (engine_throws_for_deep_stack(context_)) return false;
    bool is_new = false;
    const int64_t entry = known_.find_or_add(value, static_cast<uint32_t>(out_.size()), is_new);
    if (entry < 0) return false;
    if (!is_new) {
        out_.tag(cbor::kReference);
        out_.reserve_number();
        return known_.add_reference(static_cast<uint32_t>(out_.size()), static_cast<uint32_t>(entry));
    }
    if (out_.failed()) {
        JS_ThrowOutOfMemory(context_);
        return false;
    }
    if (levels_ == kMostLevels) return refuse(step, "something nested deeper than 200 levels");
    ++levels_;
    const bool done = body(value, step);
    --levels_;
    return done;
}

// What an object is, the first time that it comes.
bool ValueEncoder::body(JSValueConst value, const Step* step) {
    const EngineKind kind = engine_kind_of(value);
    switch (kind) {
        case ENGINE_ARRAY: return array(value, step);
        case ENGINE_DATE: {
            const Value time(context_, engine_unboxed(context_, value));
            double milliseconds = 0;
            JS_ToFloat64(context_, &milliseconds, time.get());
            out_.tag(cbor::kDate);
            out_.number(milliseconds / 1000);
            return true;
        }
        case ENGINE_REGEXP: return regexp(value);
        case ENGINE_ERROR:
        case ENGINE_DOM_EXCEPTION: return exception(value, step);
        case ENGINE_MAP: return collection(value, step, false);
        case ENGINE_SET: return collection(value, step, true);
        case ENGINE_ARRAY_BUFFER:
        case ENGINE_SHARED_BUFFER:
        case ENGINE_TYPED_ARRAY:
        case ENGINE_DATA_VIEW: return bytes(value, step);
        default: break;
    }
    const Value to_json(context_, JS_GetProperty(context_, value, to_json_atom(context_)));
    if (to_json.failed()) return false;
    if (JS_IsFunction(context_, to_json.get())) {
        const Value made(context_, JS_Call(context_, to_json.get(), value, 0, nullptr));
        if (made.failed()) return false;
        // What gives itself is as it is.
        const bool is_itself = JS_IsObject(made.get()) && JS_VALUE_GET_PTR(made.get()) == JS_VALUE_GET_PTR(value);
        if (!is_itself) return item(made.get(), step);
    }
    if (kind == ENGINE_PLAIN) return members(value, step);
    if (JS_IsProxy(value) && !JS_IsFunction(context_, value)) {
        return JS_IsArray(value) ? array(value, step) : members_by_name(value, step, 0);
    }
    Writer what;
    write_class(context_, what, value);
    what << '\0';
    return refuse(step, what.text().data);
}

bool ValueEncoder::array(JSValueConst value, const Step* outer) {
    int64_t length = 0;
    if (JS_GetLength(context_, value, &length) < 0) return false;
    out_.head(cbor::kArray, static_cast<uint64_t>(length));
    for (int64_t i = 0; i < length; ++i) {
        if (out_.failed()) {
            JS_ThrowOutOfMemory(context_);
            return false;
        }
        uint32_t count = 0;
        const JSValue* const items = engine_items_of(value, &count);
        const Value each(
            context_, items && i < count ? JS_DupValue(context_, items[i]) : JS_GetPropertyInt64(context_, value, i));
        const Step step{outer, JS_ATOM_NULL, i};
        if (each.failed() || !item(each.get(), &step)) return false;
    }
    return true;
}

bool ValueEncoder::member_name(JSAtom name, const Step* step) {
    const uint8_t* narrow = nullptr;
    size_t size = 0;
    if (engine_atom_chars(context_, name, &narrow, &size)) {
        out_.narrow(narrow, size);
        return true;
    }
    const Value text(context_, JS_AtomToString(context_, name));
    return !text.failed() && string(text.get(), step);
}

bool ValueEncoder::members(JSValueConst value, const Step* outer, uint64_t more) {
    const int64_t count = engine_count_members(context_, value);
    if (count < 0) return members_by_name(value, outer, more);
    out_.head(cbor::kMap, static_cast<uint64_t>(count) + more);
    Visit visit{*this, outer};
    return engine_each_member(
        context_, value,
        [](void* opaque, JSAtom name, JSValueConst member) {
            const Visit& at = *static_cast<const Visit*>(opaque);
            const Step step{at.outer, name, 0};
            return at.encoder.member_name(name, &step) && at.encoder.item(member, &step);
        },
        &visit);
}

bool ValueEncoder::members_by_name(JSValueConst value, const Step* outer, uint64_t more) {
    JSPropertyEnum* properties = nullptr;
    uint32_t count = 0;
    if (JS_GetOwnPropertyNames(context_, &properties, &count, value, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) < 0) {
        return false;
    }
    out_.head(cbor::kMap, count + more);
    bool done = true;
    for (uint32_t i = 0; done && i < count; ++i) {
        const Step step{outer, properties[i].atom, 0};
        const Value member(context_, JS_GetProperty(context_, value, properties[i].atom));
        done = !member.failed() && member_name(properties[i].atom, &step) && item(member.get(), &step);
    }
    JS_FreePropertyEnum(context_, properties, count);
    return done;
}

bool ValueEncoder::collection(JSValueConst value, const Step* outer, bool is_set) {
    // A list of the entries as they are now, since the script's code may change the collection.
    const Value entries(context_, engine_entries_of(context_, value));
    int64_t length = 0;
    if (entries.failed() || JS_GetLength(context_, entries.get(), &length) < 0) return false;
    out_.tag(is_set ? cbor::kSet : cbor::kMapOfValues);
    out_.head(is_set ? cbor::kArray : cbor::kMap, static_cast<uint64_t>(is_set ? length : length / 2));
    const Step step{outer, JS_ATOM_NULL, -1};
    for (int64_t i = 0; i < length; ++i) {
        const Value each(context_, JS_GetPropertyInt64(context_, entries.get(), i));
        if (each.failed() || !item(each.get(), &step)) return false;
    }
    return true;
}

bool ValueEncoder::exception_text(JSValueConst error, const char* name, const Step* step) {
    const Value text(context_, JS_GetPropertyStr(context_, error, name));
    if (text.failed()) return false;
    if (JS_IsString(text.get())) return string(text.get(), step);
    out_.text("");
    return true;
}

// A field that the error itself has, enumerable or not.
bool ValueEncoder::own_field(JSValueConst error, const char* name, const Step* outer) {
    const JSAtom atom = JS_NewAtom(context_, name);
    const Step step{outer, atom, 0};
    JSPropertyDescriptor found;
    const int has = JS_GetOwnProperty(context_, &found, error, atom);
    bool done = has >= 0;
    if (has > 0) {
        const bool is_extra = (found.flags & JS_PROP_ENUMERABLE) == 0;  // those that are enumerable come by themselves
        JS_FreeValue(context_, found.getter);
        JS_FreeValue(context_, found.setter);
        const Value value(context_, found.value);
        if (is_extra) {
            out_.text(name);
            done = item(value.get(), &step);
        }
    }
    JS_FreeAtom(context_, atom);
    return done;
}

bool ValueEncoder::exception(JSValueConst error, const Step* outer) {
    out_.tag(cbor::kObjectOfClass);
    out_.head(cbor::kArray, 2);
    if (!exception_text(error, "name", outer)) return false;
    out_.byte(static_cast<uint8_t>(cbor::kMap << 5 | cbor::kIndefinite));
    static constexpr const char* kTexts[] = {"message", "stack"};
    for (const char* name : kTexts) {
        out_.text(name);
        if (!exception_text(error, name, outer)) return false;
    }
    JSPropertyEnum* properties = nullptr;
    uint32_t count = 0;
    if (JS_GetOwnPropertyNames(context_, &properties, &count, error, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) < 0) {
        return false;
    }
    bool done = true;
    for (uint32_t i = 0; done && i < count; ++i) {
        size_t size = 0;
        const char* const name = JS_AtomToCStringLen(context_, &size, properties[i].atom);
        const bool is_text = name && (equals({name, size}, "message") || equals({name, size}, "stack"));
        JS_FreeCString(context_, name);
        if (is_text) continue;
        const Step step{outer, properties[i].atom, 0};
        const Value field(context_, JS_GetProperty(context_, error, properties[i].atom));
        done = !field.failed() && member_name(properties[i].atom, &step) && item(field.get(), &step);
    }
    JS_FreePropertyEnum(context_, properties, count);
    if (!done || !own_field(error, "cause", outer) || !own_field(error, "errors", outer)) return false;
    out_.byte(cbor::kBreak);
    return true;
}

bool ValueEncoder::bytes(JSValueConst value, const Step* step) {
    uint8_t* data = nullptr;
    size_t size = 0;
    if (!engine_bytes_of(context_, value, false, &data, &size)) {
        JS_FreeValue(context_, JS_GetException(context_));
        return refuse(step, "bytes of a buffer that was detached or has shrunk");
    }
    const EngineKind kind = engine_kind_of(value);
    if (kind == ENGINE_TYPED_ARRAY) {
        const uint8_t tag = kViewTags[engine_view_kind(value)];
        if (tag != 0) out_.tag(tag);
    } else {
        out_.tag(cbor::kObjectOfClass);
        out_.head(cbor::kArray, 2);
        out_.text(kind == ENGINE_DATA_VIEW ? "DataView" : "ArrayBuffer");
    }
    out_.bytes(data, size);
    return true;
}

bool ValueEncoder::regexp(JSValueConst value) {
    const Value source(context_, engine_regexp_source(context_, value));
    char flags[8];
    const size_t count = engine_regexp_flags(value, flags);
    out_.tag(cbor::kRegExp);
    out_.head(cbor::kArray, 2);
    if (!string(source.get(), nullptr)) return false;
    out_.text(Bytes{flags, count});
    return true;
}

// Now it is known which objects came more than once.
bool ValueEncoder::put_marks() {
    if (known_.reference_count() == 0) return true;
    ObjectTable::Entry* const entries = known_.entries();
    uint32_t marked = 0;
    for (uint32_t i = 0; i < known_.count(); ++i) {
        if (entries[i].is_referred) entries[i].number = marked++;
    }
    for (uint32_t i = 0; i < known_.reference_count(); ++i) {
        const ObjectTable::Reference& reference = known_.references()[i];
        if (!out_.failed()) out_.fill_in(reference.behind, entries[reference.entry].number);
    }
    auto* const offsets = static_cast<uint32_t*>(js_malloc(context_, marked * sizeof(uint32_t)));
    if (!offsets) return false;
    uint32_t next = 0;
    for (uint32_t i = 0; i < known_.count(); ++i) {
        if (entries[i].is_referred) offsets[next++] = entries[i].offset;
    }
    out_.insert_tags(offsets, marked, cbor::kShareable);
    js_free(context_, offsets);
    return true;
}

}  // namespace curfew::guest
