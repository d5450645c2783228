// Text that grows, for messages. Running out of memory, or past the limit, cuts the text short and is
// remembered.
#ifndef CURFEW_GUEST_RUNTIME_WRITER_H
#define CURFEW_GUEST_RUNTIME_WRITER_H

#include "guest/platform/exchange.h"
#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

class Writer {
  public:
    // No text grows beyond this.
    static constexpr size_t kLimit = size_t{64} << 20;

    Writer() = default;
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    ~Writer();

    Writer& operator<<(Bytes text);
    Writer& operator<<(const char* text) { return *this << bytes_of(text); }
    Writer& operator<<(char character) { return *this << Bytes{&character, 1}; }
    Writer& operator<<(int64_t number);

    // A JavaScript string, with U+FFFD for every half of a surrogate pair that stands alone. A value that
    // is no string is converted, which may run the handler's code; what it throws is dropped, and false
    // returned.
    bool write(JSContext* context, JSValueConst value);

    bool full() const { return full_; }
    Bytes text() const { return {data_, size_}; }
    void clear() { size_ = 0; }

  private:
    size_t make_room(size_t more);

    // Most texts fit here, so that most messages need no memory from the heap.
    char small_[512];
    char* data_ = small_;
    size_t size_ = 0;
    size_t capacity_ = sizeof(small_);
    bool full_ = false;
};

}  // namespace curfew::guest

#endif
