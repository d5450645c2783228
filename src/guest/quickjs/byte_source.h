// What scripts may hand over where bytes are wanted.
#ifndef CURFEW_GUEST_RUNTIME_BYTE_SOURCE_H
#define CURFEW_GUEST_RUNTIME_BYTE_SOURCE_H

#include "guest/platform/exchange.h"
#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

// True for an ArrayBuffer (also a shared one), a typed array or a DataView.
bool has_bytes(JSValueConst value);

// Where the bytes of such a value lie, as engine_bytes_of() gives them; none for one that has lost them, since its buffer was detached or
// has shrunk, as the web has it. False, with an exception, if they are to be written to and are immutable.
[[nodiscard]] bool take_bytes(JSContext* context, JSValueConst value, bool to_write, uint8_t*& bytes, size_t& size);

// The bytes of a value: those of an ArrayBuffer, a typed array or a DataView, a string's UTF-8, or the numbers in an
// array.
class ByteSource {
  public:
    explicit ByteSource(JSContext* context) : context_(context) {}
    ByteSource(const ByteSource&) = delete;
    ByteSource& operator=(const ByteSource&) = delete;
    ~ByteSource();

    // False, with an exception, for a value that has no bytes. `what` is the subject of the exception's message:
    // "the key". To be called once.
    [[nodiscard]] bool take(JSValueConst value, const char* what);

    // Valid as long as the value is, and no code of the script runs.
    Bytes bytes() const { return bytes_; }

  private:
    bool take_string(JSValueConst value);
    bool take_array(JSValueConst array, const char* what);

    JSContext* context_;
    Bytes bytes_{};
    const char* string_ = nullptr;  // the engine's, if the value is a string
    char* copy_ = nullptr;          // of an array
};

}  // namespace curfew::guest

#endif
