// Values of the script from the host's CBOR; wire/cbor.h and docs/values.md say in which form.
#ifndef CURFEW_GUEST_RUNTIME_VALUE_DECODER_H
#define CURFEW_GUEST_RUNTIME_VALUE_DECODER_H

#include "guest/platform/exchange.h"
#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

// The host has checked that it is one item of CBOR of the kinds that there are. What does not fit all the same is an exception.
// Runs no code of the script.
class ValueDecoder {
  public:
    ValueDecoder(JSContext* context, Bytes cbor)
        : context_(context),
          at_(reinterpret_cast<const uint8_t*>(cbor.data)),
          end_(reinterpret_cast<const uint8_t*>(cbor.data) + cbor.size) {}
    ValueDecoder(const ValueDecoder&) = delete;
    ValueDecoder& operator=(const ValueDecoder&) = delete;
    ~ValueDecoder();

    // The value, or an exception.
    JSValue read();

  private:
    struct Head {
        uint8_t major;
        uint8_t low;
        uint64_t number;
    };
    static constexpr int64_t kNoMark = -1;

    [[nodiscard]] bool head(Head& head);
    JSValue item(int64_t mark = kNoMark);
    JSValue item_of(const Head& head, int64_t mark);
    JSValue integer(const Head& head);
    JSValue simple(const Head& head);
    JSValue text(const Head& head);
    JSValue bytes(const Head& head);
    JSValue array(const Head& head, int64_t mark);
    JSValue map(const Head& head, int64_t mark);
    bool members(const Head& head, JSValueConst object);
    JSValue map_of_values(const Head& head, int64_t mark);
    JSValue set(const Head& head, int64_t mark);
    JSValue tagged(uint64_t tag, int64_t mark);
    JSValue date(uint64_t tag, const Head& head);
    JSValue bigint(const Head& head, bool negative);
    JSValue view(uint64_t tag, const Head& head);
    JSValue regexp(const Head& head);
    JSValue of_class(int64_t mark);
    JSValue exception(Bytes name, int64_t mark);
    bool exception_field(JSValueConst error, Bytes name, JSValue value);

    bool has_more(const Head& head, uint64_t read);
    bool has_only_texts(const Head& head) const;
    Bytes string(const Head& head);  // null data, with an exception, if there is none
    bool set_mark(int64_t mark, JSValueConst value);
    int64_t add_mark();
    JSValue refuse();

    JSContext* context_;
    const uint8_t* at_;
    const uint8_t* end_;
    JSValue* marks_ = nullptr;
    int64_t mark_count_ = 0;
    int64_t mark_capacity_ = 0;
    char* joined_ = nullptr;  // a string that came in pieces
};

}  // namespace curfew::guest

#endif
