#include "guest/quickjs/utf8.h"

#include <string.h>

namespace curfew::guest {

namespace {

constexpr char kReplacement[] = "\xef\xbf\xbd";
constexpr size_t kReplacementSize = 3;

// What may follow a character's first byte.
struct Rest {
    uint8_t count = 0;  // of continuation bytes; zero: the byte begins no character
    uint8_t lowest = 0x80;
    uint8_t highest = 0xbf;  // of the first of them
};

Rest rest_of(uint8_t first) {
    if (first >= 0xc2 && first <= 0xdf) return {.count = 1};
    if (first == 0xe0) return {.count = 2, .lowest = 0xa0};
    if (first == 0xed) return {.count = 2, .highest = 0x9f};
    if (first >= 0xe1 && first <= 0xef) return {.count = 2};
    if (first == 0xf0) return {.count = 3, .lowest = 0x90};
    if (first == 0xf4) return {.count = 3, .highest = 0x8f};
    if (first >= 0xf1 && first <= 0xf3) return {.count = 3};
    return {};
}

// How many bytes at the start are ASCII, counted eight at a time.
size_t ascii_prefix(Bytes text) {
    size_t i = 0;
    for (uint64_t word = 0; i + sizeof(word) <= text.size; i += sizeof(word)) {
        memcpy(&word, text.data + i, sizeof(word));
        if ((word & 0x8080808080808080) != 0) break;
    }
    while (i < text.size && static_cast<uint8_t>(text.data[i]) < 0x80) ++i;
    return i;
}

}  // namespace

void replace_lone_surrogates(char* text, size_t size) {
    for (size_t i = 0; i + 2 < size; ++i) {
        char* end = static_cast<char*>(memchr(text + i, 0xed, size - 2 - i));
        if (!end) return;
        i = static_cast<size_t>(end - text);
        if ((static_cast<uint8_t>(text[i + 1]) & 0xe0) == 0xa0) memcpy(text + i, kReplacement, kReplacementSize);
    }
}

Utf8Fault find_utf8_fault(Bytes text) {
    const auto* const bytes = reinterpret_cast<const uint8_t*>(text.data);
    size_t i = 0;
    for (;;) {
        i += ascii_prefix({text.data + i, text.size - i});
        if (i == text.size) return {.at = i};
        const Rest rest = rest_of(bytes[i]);
        if (rest.count == 0) return {.at = i, .size = 1};
        for (size_t k = 1; k <= rest.count; ++k) {
            if (i + k == text.size) return {.at = i, .size = k, .is_cut_off = true};
            const uint8_t lowest = k == 1 ? rest.lowest : 0x80;
            const uint8_t highest = k == 1 ? rest.highest : 0xbf;
            if (bytes[i + k] < lowest || bytes[i + k] > highest) return {.at = i, .size = k};
        }
        i += 1 + rest.count;
    }
}

JSValue string_of_utf8(JSContext* context, Bytes text) {
    Utf8Fault fault = find_utf8_fault(text);
    if (fault.at == text.size) return JS_NewStringLen(context, text.data, text.size);
    // A fault of one byte becomes three.
    auto* const clean = static_cast<char*>(js_malloc(context, fault.at + (text.size - fault.at) * kReplacementSize));
    if (!clean) return JS_EXCEPTION;
    size_t size = 0;
    for (;;) {
        memcpy(clean + size, text.data, fault.at);
        size += fault.at;
        if (fault.at == text.size) break;
        memcpy(clean + size, kReplacement, kReplacementSize);
        size += kReplacementSize;
        const size_t skip = fault.at + fault.size;
        text = {text.data + skip, text.size - skip};
        fault = find_utf8_fault(text);
    }
    const JSValue string = JS_NewStringLen(context, clean, size);
    js_free(context, clean);
    return string;
}

}  // namespace curfew::guest
