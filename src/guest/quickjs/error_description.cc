#include "guest/quickjs/error_description.h"

#include "guest/quickjs/inspect.h"
#include "guest/quickjs/inspector.h"
#include "guest/quickjs/utf8.h"
#include "guest/quickjs/value.h"
#include "guest/quickjs/writer.h"

namespace curfew::guest {

namespace cbor = wire::cbor;

namespace {

constexpr size_t kLongestText = size_t{64} << 10;  // of a message or a stack
constexpr size_t kLongestString = 1024;            // inside of what an error has for fields
constexpr size_t kLongest = size_t{256} << 10;     // of all together
constexpr int kMostErrors = 64;                    // with causes and the errors of an AggregateError
constexpr int kMostCauses = 8;                     // below each other
constexpr int kMostFields = 64;
constexpr int kDeepestField = 4;

class Description {
  public:
    Description(JSContext* context, CborWriter& out) : context_(context), out_(out) {}

    void thrown(JSValueConst value, int depth) {
        ++errors_;
        open();
        if (is_error(value)) {
            error(value, depth);
        } else {
            Writer text;
            write_loose(context_, text, value);
            named("message", text.text(), kLongestText);
            out_.text("value");
            field(value, 0);
        }
        close();
    }

  private:
    void open() { out_.byte(static_cast<uint8_t>(cbor::kMap << 5 | cbor::kIndefinite)); }
    void close() { out_.byte(cbor::kBreak); }

    void text(Bytes value, size_t longest) {
        if (value.size > longest) value.size = longest;
        // Not in the middle of a character.
        if (const Utf8Fault fault = find_utf8_fault(value); fault.is_cut_off) value.size = fault.at;
        out_.text(value);
    }
    void named(const char* name, Bytes value, size_t longest) {
        out_.text(name);
        text(value, longest);
    }

    void property_text(JSValueConst error, const char* name) {
        const Value value = property(context_, error, name);
        if (!JS_IsString(value.get())) return;
        Writer written;
        if (written.write(context_, value.get())) named(name, written.text(), kLongestText);
    }

    // The value of a property that an object has itself, if that runs no code.
    bool own_value(JSValueConst object, JSAtom name, Value& value) {
        if (JS_IsProxy(object)) return false;
        JSPropertyDescriptor found;
        const int has = JS_GetOwnProperty(context_, &found, object, name);
        if (has < 0) drop_exception(context_);
        if (has <= 0) return false;
        JS_FreeValue(context_, found.getter);
        JS_FreeValue(context_, found.setter);
        value.reset(found.value);
        return (found.flags & JS_PROP_GETSET) == 0;
    }
    bool own_value(JSValueConst object, const char* name, Value& value) {
        const JSAtom atom = JS_NewAtom(context_, name);
        const bool has = own_value(object, atom, value);
        JS_FreeAtom(context_, atom);
        return has;
    }

    bool has_room() const { return out_.size() < kLongest && errors_ < kMostErrors; }

    void error(JSValueConst value, int depth) {
        property_text(value, "name");
        property_text(value, "message");
        property_text(value, "stack");
        out_.text("value");
        members(value, 0, /*of_error=*/true);
        Value cause(context_);
        if (depth < kMostCauses && has_room() && own_value(value, "cause", cause)) {
            out_.text("cause");
            thrown(cause.get(), depth + 1);
        }
        Value errors(context_);
        int64_t length = 0;
        if (depth >= kMostCauses || !own_value(value, "errors", errors) ||
            engine_kind_of(errors.get()) != ENGINE_ARRAY || JS_GetLength(context_, errors.get(), &length) < 0) {
            return;
        }
        out_.text("errors");
        out_.byte(static_cast<uint8_t>(cbor::kArray << 5 | cbor::kIndefinite));
        for (int64_t i = 0; i < length && has_room(); ++i) {
            Value each(context_);
            const JSAtom index = JS_NewAtomUInt32(context_, static_cast<uint32_t>(i));
            if (own_value(errors.get(), index, each)) thrown(each.get(), depth + 1);
            JS_FreeAtom(context_, index);
        }
        close();
    }

    // Own members, without those that are told of elsewhere.
    void members(JSValueConst object, int depth, bool of_error) {
        open();
        JSPropertyEnum* properties = nullptr;
        uint32_t count = 0;
        if (!JS_IsProxy(object) &&
            JS_GetOwnPropertyNames(context_, &properties, &count, object, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) < 0) {
            drop_exception(context_);
        }
        int written = 0;
        for (uint32_t i = 0; i < count && written < kMostFields && has_room(); ++i) {
            size_t size = 0;
            const char* const name = JS_AtomToCStringLen(context_, &size, properties[i].atom);
            if (!name) {
                drop_exception(context_);
                continue;
            }
            const Bytes bytes{name, size};
            const bool is_told =
                of_error && (equals(bytes, "message") || equals(bytes, "stack") || equals(bytes, "name") ||
                             equals(bytes, "cause") || equals(bytes, "errors"));
            Value value(context_);
            const bool is_text = size <= kLongestString && find_utf8_fault(bytes).at == size;
            if (!is_told && is_text && own_value(object, properties[i].atom, value) && can_be_field(value.get())) {
                out_.text(bytes);
                field(value.get(), depth + 1);
                ++written;
            }
            JS_FreeCString(context_, name);
        }
        if (properties) JS_FreePropertyEnum(context_, properties, count);
        close();
    }

    static bool can_be_field(JSValueConst value) {
        if (JS_IsSymbol(value)) return false;
        if (!JS_IsObject(value)) return true;
        switch (engine_kind_of(value)) {
            case ENGINE_PLAIN:
            case ENGINE_ARRAY:
            case ENGINE_DATE:
            case ENGINE_ERROR:
            case ENGINE_DOM_EXCEPTION: return true;
            default: return false;
        }
    }

    void field(JSValueConst value, int depth) {
        switch (JS_VALUE_GET_NORM_TAG(value)) {
            case JS_TAG_INT: return out_.integer(JS_VALUE_GET_INT(value));
            case JS_TAG_FLOAT64: return out_.number(JS_VALUE_GET_FLOAT64(value));
            case JS_TAG_BOOL: return out_.byte(JS_VALUE_GET_BOOL(value) ? cbor::kTrue : cbor::kFalse);
            case JS_TAG_NULL: return out_.byte(cbor::kNull);
            case JS_TAG_STRING:
            case JS_TAG_STRING_ROPE: {
                Writer written;
                written.write(context_, value);
                return text(written.text(), kLongestString);
            }
            case JS_TAG_BIG_INT:
            case JS_TAG_SHORT_BIG_INT: return bigint(value);
            case JS_TAG_OBJECT: break;
            default: return out_.byte(cbor::kUndefined);
        }
        if (depth >= kDeepestField || !can_be_field(value) || !has_room()) return out_.byte(cbor::kUndefined);
        switch (engine_kind_of(value)) {
            case ENGINE_ARRAY: return array(value, depth);
            case ENGINE_DATE: {
                const Value time(context_, engine_unboxed(context_, value));
                double milliseconds = 0;
                JS_ToFloat64(context_, &milliseconds, time.get());
                out_.tag(cbor::kDate);
                return out_.number(milliseconds / 1000);
            }
            case ENGINE_ERROR:
            case ENGINE_DOM_EXCEPTION: {
                Writer said;
                write_error(context_, said, value);
                return text(said.text(), kLongestString);
            }
            default: return members(value, depth, /*of_error=*/false);
        }
    }

    void bigint(JSValueConst value) {
        uint8_t bytes[64];
        const size_t size = engine_bigint_size(value);
        if (size > sizeof(bytes)) return out_.byte(cbor::kUndefined);
        out_.tag(engine_bigint_bytes(value, bytes) ? cbor::kNegativeBigInt : cbor::kBigInt);
        out_.bytes(bytes, size);
    }

    void array(JSValueConst value, int depth) {
        out_.byte(static_cast<uint8_t>(cbor::kArray << 5 | cbor::kIndefinite));
        uint32_t count = 0;
        for (uint32_t i = 0; i < kMostFields && has_room(); ++i) {
            const JSValue* const items = engine_items_of(value, &count);
            if (!items || i >= count) break;
            const Value each(context_, JS_DupValue(context_, items[i]));
            field(each.get(), depth + 1);
        }
        close();
    }

    JSContext* context_;
    CborWriter& out_;
    int errors_ = 0;
};

}  // namespace

void describe_thrown(JSContext* context, CborWriter& out, JSValueConst thrown) {
    Description(context, out).thrown(thrown, 0);
}

}  // namespace curfew::guest
