#include "guest/quickjs/writer.h"

#include <string.h>

#include "guest/platform/memory.h"
#include "guest/quickjs/utf8.h"
#include "guest/quickjs/value.h"

namespace curfew::guest {

Writer::~Writer() {
    if (data_ != small_) heap.release(data_);
}

// Makes room for that many more bytes, and says how many there is room for now.
size_t Writer::make_room(size_t more) {
    if (full_) return 0;
    if (capacity_ - size_ >= more) return more;
    const size_t wanted = size_ + more > kLimit / 2 ? kLimit : (size_ + more) * 2;
    char* grown = nullptr;
    if (wanted > capacity_) {
        grown = static_cast<char*>(data_ == small_ ? heap.allocate(wanted) : heap.resize(data_, wanted));
    }
    if (grown) {
        if (data_ == small_) memcpy(grown, small_, size_);
        data_ = grown;
        capacity_ = wanted;
    }
    return capacity_ - size_ < more ? capacity_ - size_ : more;
}

Writer& Writer::operator<<(Bytes text) {
    size_t room = make_room(text.size);
    if (room < text.size) {
        full_ = true;
        while (room > 0 && (static_cast<uint8_t>(text.data[room]) & 0xc0) == 0x80) --room;  // no half characters
    }
    memcpy(data_ + size_, text.data, room);
    size_ += room;
    return *this;
}

Writer& Writer::operator<<(int64_t number) {
    char digits[24];
    char* start = digits + sizeof(digits);
    uint64_t left = number < 0 ? 0 - static_cast<uint64_t>(number) : static_cast<uint64_t>(number);
    do {
        *--start = static_cast<char>('0' + left % 10);
        left /= 10;
    } while (left != 0);
    if (number < 0) *--start = '-';
    return *this << Bytes{start, static_cast<size_t>(digits + sizeof(digits) - start)};
}

bool Writer::write(JSContext* context, JSValueConst value) {
    const Text text(context, value);
    if (!text.valid()) {
        JS_FreeValue(context, JS_GetException(context));
        return false;
    }
    const size_t start = size_;
    *this << text.bytes();
    replace_lone_surrogates(data_ + start, size_ - start);
    return true;
}

}  // namespace curfew::guest
