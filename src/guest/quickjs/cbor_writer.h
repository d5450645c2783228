// CBOR, item by item, into memory that grows.
#ifndef CURFEW_GUEST_RUNTIME_CBOR_WRITER_H
#define CURFEW_GUEST_RUNTIME_CBOR_WRITER_H

#include <string.h>

#include "guest/platform/exchange.h"
#include "wire/cbor.h"

namespace curfew::guest {

class CborWriter {
  public:
    CborWriter() = default;
    CborWriter(const CborWriter&) = delete;
    CborWriter& operator=(const CborWriter&) = delete;
    ~CborWriter();

    void head(wire::cbor::Major major, uint64_t number) {
        if (!make_room(9)) return;
        if (number < wire::cbor::kOneByte) {
            data_[size_++] = static_cast<char>(major << 5 | static_cast<int>(number));
        } else {
            long_head(major, number);
        }
    }
    void tag(uint64_t number) { head(wire::cbor::kTag, number); }
    void byte(uint8_t value) {
        if (make_room(1)) data_[size_++] = static_cast<char>(value);
    }
    void raw(const void* bytes, size_t size) {
        if (size == 0 || !make_room(size)) return;
        memcpy(data_ + size_, bytes, size);
        size_ += size;
    }
    void bytes(const void* data, size_t size) {
        head(wire::cbor::kBytes, size);
        raw(data, size);
    }
    // UTF-8.
    void text(Bytes value) {
        head(wire::cbor::kText, value.size);
        raw(value.data, value.size);
    }
    void text(const char* value) { text(bytes_of(value)); }
    // Latin-1 as UTF-8.
    void narrow(const uint8_t* characters, size_t size);
    // UTF-16 as UTF-8. False, and nothing is written, for half of a surrogate pair that stands alone.
    [[nodiscard]] bool wide(const uint16_t* characters, size_t size);
    void integer(int64_t number) {
        if (number < 0) {
            head(wire::cbor::kNegative, static_cast<uint64_t>(-1 - number));
        } else {
            head(wire::cbor::kUnsigned, static_cast<uint64_t>(number));
        }
    }
    void number(double value);

    // A number of four bytes, to be filled in later.
    void reserve_number() { head(wire::cbor::kUnsigned, 0xffffffff); }
    void fill_in(size_t behind, uint32_t number);

    // Makes room before each of these offsets, which ascend, for a tag of two bytes.
    void insert_tags(const uint32_t* offsets, size_t count, uint8_t tag);

    // Memory has run out: what was written is not whole.
    bool failed() const { return failed_; }
    size_t size() const { return size_; }
    void truncate(size_t size) { size_ = size; }
    Bytes written() const { return {data_, size_}; }

  private:
    bool make_room(size_t more) { return capacity_ - size_ >= more || grow(more); }
    bool grow(size_t more);
    void long_head(wire::cbor::Major major, uint64_t number);

    char small_[512];
    char* data_ = small_;
    size_t size_ = 0;
    size_t capacity_ = sizeof(small_);
    bool failed_ = false;
};

}  // namespace curfew::guest

#endif
