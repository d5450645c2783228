#include "guest/quickjs/value_decoder.h"

#include <string.h>

#include "guest/quickjs/half_float.h"
#include "guest/quickjs/value.h"
#include "wire/cbor.h"

namespace curfew::guest {

namespace cbor = wire::cbor;

ValueDecoder::~ValueDecoder() {
    for (int64_t i = 0; i < mark_count_; ++i) JS_FreeValue(context_, marks_[i]);
    js_free(context_, marks_);
    js_free(context_, joined_);
}

JSValue ValueDecoder::refuse() { return JS_ThrowTypeError(context_, "this is no CBOR of a value"); }

JSValue ValueDecoder::read() { return item(); }

bool ValueDecoder::head(Head& head) {
    if (at_ == end_) return false;
    const uint8_t first = *at_++;
    head = {static_cast<uint8_t>(first >> 5), static_cast<uint8_t>(first & 0x1f), static_cast<uint64_t>(first & 0x1f)};
    if (head.low < cbor::kOneByte || head.low == cbor::kIndefinite) return true;
    if (head.low > cbor::kEightBytes) return false;
    const int size = 1 << (head.low - cbor::kOneByte);
    if (end_ - at_ < size) return false;
    head.number = 0;
    for (int i = 0; i < size; ++i) head.number = head.number << 8 | *at_++;
    return true;
}

JSValue ValueDecoder::item(int64_t mark) {
    Head first{};
    return head(first) ? item_of(first, mark) : refuse();
}

JSValue ValueDecoder::item_of(const Head& head, int64_t mark) {
    switch (head.major) {
        case cbor::kUnsigned:
        case cbor::kNegative: return integer(head);
        case cbor::kBytes: return bytes(head);
        case cbor::kText: return text(head);
        case cbor::kSimple: return simple(head);
        default: break;
    }
    if (engine_throws_for_deep_stack(context_)) return JS_EXCEPTION;
    switch (head.major) {
        case cbor::kArray: return array(head, mark);
        case cbor::kMap: return map(head, mark);
        default: return tagged(head.number, mark);
    }
}

JSValue ValueDecoder::integer(const Head& head) {
    const bool negative = head.major == cbor::kNegative;
    if (head.number < cbor::kGreatestInteger || (!negative && head.number == cbor::kGreatestInteger)) {
        const auto number = static_cast<int64_t>(head.number);
        return JS_NewInt64(context_, negative ? -1 - number : number);
    }
    uint8_t digits[8];
    for (int i = 0; i < 8; ++i) digits[i] = static_cast<uint8_t>(head.number >> (56 - 8 * i));
    return engine_new_bigint(context_, digits, sizeof(digits), negative);
}

JSValue ValueDecoder::simple(const Head& head) {
    switch (head.low) {
        case cbor::kFalse & 0x1f: return JS_FALSE;
        case cbor::kTrue & 0x1f: return JS_TRUE;
        case cbor::kNull & 0x1f: return JS_NULL;
        case cbor::kUndefined & 0x1f: return JS_UNDEFINED;
        case cbor::kTwoBytes:
        case cbor::kFourBytes:
        case cbor::kEightBytes: return JS_NewNumber(context_, float_of(head.low, head.number));
        default: return refuse();
    }
}

Bytes ValueDecoder::string(const Head& head) {
    if (head.low != cbor::kIndefinite) {
        if (head.number > static_cast<uint64_t>(end_ - at_)) {
            refuse();
            return {};
        }
        const Bytes found{reinterpret_cast<const char*>(at_), head.number};
        at_ += head.number;
        return found;
    }
    js_free(context_, joined_);
    joined_ = static_cast<char*>(js_malloc(context_, static_cast<size_t>(end_ - at_) + 1));
    if (!joined_) return {};
    size_t size = 0;
    while (has_more(head, 0)) {
        Head piece{};
        if (!this->head(piece) || piece.low == cbor::kIndefinite) {
            refuse();
            return {};
        }
        const Bytes part = string(piece);
        if (!part.data) return {};
        memcpy(joined_ + size, part.data, part.size);
        size += part.size;
    }
    return {joined_, size};
}

JSValue ValueDecoder::text(const Head& head) {
    const Bytes found = string(head);
    return found.data ? JS_NewStringLen(context_, found.data, found.size) : JS_EXCEPTION;
}

JSValue ValueDecoder::bytes(const Head& head) {
    const Bytes found = string(head);
    if (!found.data) return JS_EXCEPTION;
    return JS_NewUint8ArrayCopy(context_, reinterpret_cast<const uint8_t*>(found.data), found.size);
}

// Whether there is another item in what the head begins, of which so many were read.
bool ValueDecoder::has_more(const Head& head, uint64_t read) {
    if (head.low != cbor::kIndefinite) return read < head.number;
    if (at_ == end_ || *at_ != cbor::kBreak) return true;
    ++at_;
    return false;
}

int64_t ValueDecoder::add_mark() {
    if (mark_count_ == mark_capacity_) {
        const int64_t capacity = mark_capacity_ == 0 ? 16 : 2 * mark_capacity_;
        auto* const grown =
            static_cast<JSValue*>(js_realloc(context_, marks_, static_cast<size_t>(capacity) * sizeof(JSValue)));
        if (!grown) return kNoMark;
        marks_ = grown;
        mark_capacity_ = capacity;
    }
    marks_[mark_count_] = JS_UNINITIALIZED;
    return mark_count_++;
}

// An object is known by its mark as soon as it is there, since it may contain itself.
bool ValueDecoder::set_mark(int64_t mark, JSValueConst value) {
    if (JS_IsException(value)) return false;
    if (mark != kNoMark) marks_[mark] = JS_DupValue(context_, value);
    return true;
}

JSValue ValueDecoder::array(const Head& head, int64_t mark) {
    const bool all_at_once = mark == kNoMark && head.low != cbor::kIndefinite;
    if (head.low != cbor::kIndefinite && head.number > static_cast<uint64_t>(end_ - at_)) return refuse();
    if (!all_at_once) {
        Value made(context_, JS_NewArray(context_));
        if (!set_mark(mark, made.get())) return JS_EXCEPTION;
        for (uint32_t i = 0; has_more(head, i); ++i) {
            const JSValue each = item();
            if (JS_IsException(each) ||
                JS_DefinePropertyValueUint32(context_, made.get(), i, each, JS_PROP_C_W_E) < 0) {
                return JS_EXCEPTION;
            }
        }
        return made.release();
    }
    constexpr size_t kFew = 16;
    JSValue few[kFew];
    JSValue* const items =
        head.number <= kFew ? few : static_cast<JSValue*>(js_malloc(context_, head.number * sizeof(JSValue)));
    if (!items) return JS_EXCEPTION;
    int count = 0;
    bool failed = false;
    while (!failed && static_cast<uint64_t>(count) < head.number) {
        items[count] = item();
        failed = JS_IsException(items[count]);
        if (!failed) ++count;
    }
    JSValue made = JS_EXCEPTION;
    if (failed) {
        for (int i = 0; i < count; ++i) JS_FreeValue(context_, items[i]);
    } else {
        made = JS_NewArrayFrom(context_, count, items);  // takes them over
    }
    if (items != few) js_free(context_, items);
    return made;
}

// Whether all keys of a map are texts: looked for without reading the values, as long as that is simple.
bool ValueDecoder::has_only_texts(const Head& head) const {
    const bool is_empty = head.low == cbor::kIndefinite ? at_ < end_ && *at_ == cbor::kBreak : head.number == 0;
    return is_empty || (at_ < end_ && *at_ >> 5 == cbor::kText);
}

JSValue ValueDecoder::map(const Head& head, int64_t mark) {
    if (!has_only_texts(head)) return map_of_values(head, mark);
    const uint8_t* const start = at_;
    Value made(context_, JS_NewObject(context_));
    if (made.failed()) return JS_EXCEPTION;
    const int64_t marks = mark_count_;
    if (mark != kNoMark) marks_[mark] = JS_DupValue(context_, made.get());
    if (members(head, made.get())) return made.release();
    if (!JS_IsUninitialized(*engine_pending_exception(context_))) return JS_EXCEPTION;
    // There is a key that is no text after all, so that it is a Map. It is read once more.
    at_ = start;
    while (mark_count_ > marks) JS_FreeValue(context_, marks_[--mark_count_]);
    if (mark != kNoMark) {
        JS_FreeValue(context_, marks_[mark]);
        marks_[mark] = JS_UNINITIALIZED;
    }
    return map_of_values(head, mark);
}

// False without an exception if a key is no text.
bool ValueDecoder::members(const Head& head, JSValueConst object) {
    for (uint64_t i = 0; has_more(head, i); ++i) {
        Head key{};
        if (!this->head(key)) {
            refuse();
            return false;
        }
        if (key.major != cbor::kText) return false;
        const Bytes name = string(key);
        if (!name.data) return false;
        const JSAtom atom = JS_NewAtomLen(context_, name.data, name.size);
        if (atom == JS_ATOM_NULL) return false;
        const JSValue value = item();
        const bool done =
            !JS_IsException(value) && JS_DefinePropertyValue(context_, object, atom, value, JS_PROP_C_W_E) >= 0;
        JS_FreeAtom(context_, atom);
        if (!done) return false;
    }
    return true;
}

JSValue ValueDecoder::map_of_values(const Head& head, int64_t mark) {
    Value made(context_, engine_new_collection(context_, /*is_set=*/false));
    if (!set_mark(mark, made.get())) return JS_EXCEPTION;
    for (uint64_t i = 0; has_more(head, i); ++i) {
        const Value key(context_, item());
        if (key.failed()) return JS_EXCEPTION;
        const Value value(context_, item());
        if (value.failed() || !engine_add_entry(context_, made.get(), key.get(), value.get())) return JS_EXCEPTION;
    }
    return made.release();
}

JSValue ValueDecoder::set(const Head& head, int64_t mark) {
    Value made(context_, engine_new_collection(context_, /*is_set=*/true));
    if (!set_mark(mark, made.get())) return JS_EXCEPTION;
    for (uint64_t i = 0; has_more(head, i); ++i) {
        const Value member(context_, item());
        if (member.failed() || !engine_add_entry(context_, made.get(), member.get(), JS_UNDEFINED)) return JS_EXCEPTION;
    }
    return made.release();
}

JSValue ValueDecoder::tagged(uint64_t tag, int64_t mark) {
    if (tag == cbor::kShareable) {
        const int64_t added = add_mark();
        if (added == kNoMark) return JS_EXCEPTION;
        const JSValue value = item(added);
        if (JS_IsException(value)) return value;
        if (JS_IsUninitialized(marks_[added])) marks_[added] = JS_DupValue(context_, value);
        if (mark != kNoMark && JS_IsUninitialized(marks_[mark])) marks_[mark] = JS_DupValue(context_, value);
        return value;
    }
    if (tag == cbor::kObjectOfClass) return of_class(mark);
    Head head{};
    if (!this->head(head)) return refuse();
    if (tag == cbor::kReference) {
        const bool is_known = head.major == cbor::kUnsigned && head.number < static_cast<uint64_t>(mark_count_);
        if (!is_known || JS_IsUninitialized(marks_[head.number])) return refuse();
        return JS_DupValue(context_, marks_[head.number]);
    }
    const bool is_bytes = head.major == cbor::kBytes;
    if (is_bytes && tag >= cbor::kTypedArrays && tag < cbor::kTypedArraysEnd) return view(tag, head);
    switch (tag) {
        case cbor::kDateText:
        case cbor::kDate: return date(tag, head);
        case cbor::kBigInt:
        case cbor::kNegativeBigInt: return is_bytes ? bigint(head, tag == cbor::kNegativeBigInt) : refuse();
        case cbor::kPattern: {
            const Value source(context_, head.major == cbor::kText ? text(head) : refuse());
            return source.failed() ? JS_EXCEPTION : engine_new_regexp(context_, source.get(), JS_UNDEFINED);
        }
        case cbor::kRegExp: return regexp(head);
        case cbor::kSet: return head.major == cbor::kArray ? set(head, mark) : refuse();
        case cbor::kMapOfValues: return head.major == cbor::kMap ? map_of_values(head, mark) : refuse();
        case cbor::kSelfDescribed: return item_of(head, mark);
        default: return refuse();
    }
}

}  // namespace curfew::guest
