// UTF-8, as the WHATWG's Encoding Standard reads it.
#ifndef CURFEW_GUEST_RUNTIME_UTF8_H
#define CURFEW_GUEST_RUNTIME_UTF8_H

#include "guest/platform/exchange.h"
#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

// The engine writes a surrogate that stands alone as the three bytes that UTF-8 forbids. This puts U+FFFD,
// which takes three bytes as well, in its place.
void replace_lone_surrogates(char* text, size_t size);

// The first thing in a text that is no UTF-8.
struct Utf8Fault {
    size_t at = 0;            // the text's size if there is no fault
    size_t size = 0;          // of what one U+FFFD stands for
    bool is_cut_off = false;  // the text ends in the middle of a character
};
Utf8Fault find_utf8_fault(Bytes text);

// A JavaScript string, with U+FFFD for every fault.
JSValue string_of_utf8(JSContext* context, Bytes text);

}  // namespace curfew::guest

#endif
