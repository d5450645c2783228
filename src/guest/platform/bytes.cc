// The byte functions of C's library that the engine calls most. musl's are written to be small: its memcpy
// starts the processor's string unit for every few bytes, and its memcmp goes byte by byte.
//
// Up to 16 bytes go as two overlapping words, and up to 32 as two overlapping vectors. Longer ones take 64
// bytes a turn, and from a few KiB on the string unit is the fastest.
#include <emmintrin.h>
#include <stddef.h>
#include <stdint.h>

namespace {

constexpr size_t kStringUnit = 4096;

// Words at addresses that need not be aligned, of memory of any type.
using Word16 [[gnu::may_alias, gnu::aligned(1)]] = uint16_t;
using Word32 [[gnu::may_alias, gnu::aligned(1)]] = uint32_t;
using Word64 [[gnu::may_alias, gnu::aligned(1)]] = uint64_t;

template <typename Word>
Word load(const void* from, size_t offset) {
    return *reinterpret_cast<const Word*>(static_cast<const char*>(from) + offset);
}

template <typename Word>
void store(void* to, size_t offset, Word word) {
    *reinterpret_cast<Word*>(static_cast<char*>(to) + offset) = word;
}

__m128i load_vector(const void* from, size_t offset) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(static_cast<const char*>(from) + offset));
}

void store_vector(void* to, size_t offset, __m128i vector) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(static_cast<char*>(to) + offset), vector);
}

// Copies up to 16 bytes; all are read before any is written.
[[gnu::always_inline]] inline void copy_few(void* to, const void* from, size_t size) {
    if (size >= 8) {
        const auto first = load<Word64>(from, 0);
        const auto last = load<Word64>(from, size - 8);
        store<Word64>(to, 0, first);
        store<Word64>(to, size - 8, last);
    } else if (size >= 4) {
        const auto first = load<Word32>(from, 0);
        const auto last = load<Word32>(from, size - 4);
        store<Word32>(to, 0, first);
        store<Word32>(to, size - 4, last);
    } else if (size >= 2) {
        const auto first = load<Word16>(from, 0);
        const auto last = load<Word16>(from, size - 2);
        store<Word16>(to, 0, first);
        store<Word16>(to, size - 2, last);
    } else if (size == 1) {
        *static_cast<char*>(to) = *static_cast<const char*>(from);
    }
}

[[gnu::always_inline]] inline void set_few(void* to, uint64_t word, size_t size) {
    if (size >= 8) {
        store<Word64>(to, 0, word);
        store<Word64>(to, size - 8, word);
    } else if (size >= 4) {
        store<Word32>(to, 0, static_cast<uint32_t>(word));
        store<Word32>(to, size - 4, static_cast<uint32_t>(word));
    } else if (size >= 2) {
        store<Word16>(to, 0, static_cast<uint16_t>(word));
        store<Word16>(to, size - 2, static_cast<uint16_t>(word));
    } else if (size == 1) {
        *static_cast<char*>(to) = static_cast<char>(word);
    }
}

uint64_t swapped(uint64_t word) { return __builtin_bswap64(word); }

}  // namespace

extern "C" {

void* memcpy(void* __restrict to, const void* __restrict from, size_t size) {
    if (size <= 16) {
        copy_few(to, from, size);
        return to;
    }
    const __m128i last = load_vector(from, size - 16);
    if (size >= kStringUnit) {
        void* out = to;
        asm volatile("rep movsb" : "+D"(out), "+S"(from), "+c"(size) : : "memory");
        return to;
    }
    size_t done = 0;
    for (; size - done > 64; done += 64) {
        const __m128i a = load_vector(from, done);
        const __m128i b = load_vector(from, done + 16);
        const __m128i c = load_vector(from, done + 32);
        const __m128i d = load_vector(from, done + 48);
        store_vector(to, done, a);
        store_vector(to, done + 16, b);
        store_vector(to, done + 32, c);
        store_vector(to, done + 48, d);
    }
    for (; size - done > 16; done += 16) store_vector(to, done, load_vector(from, done));
    store_vector(to, size - 16, last);
    return to;
}

void* memmove(void* to, const void* from, size_t size) {
    if (size <= 16) {
        copy_few(to, from, size);
        return to;
    }
    if (reinterpret_cast<uintptr_t>(to) - reinterpret_cast<uintptr_t>(from) >= size) {
        // Upwards is safe: the target does not begin inside the source.
        const __m128i last = load_vector(from, size - 16);
        size_t done = 0;
        for (; size - done > 16; done += 16) store_vector(to, done, load_vector(from, done));
        store_vector(to, size - 16, last);
        return to;
    }
    const __m128i first = load_vector(from, 0);
    size_t left = size;
    for (; left > 16; left -= 16) store_vector(to, left - 16, load_vector(from, left - 16));
    store_vector(to, 0, first);
    return to;
}

void* memset(void* to, int value, size_t size) {
    if (size <= 16) {
        set_few(to, static_cast<uint8_t>(value) * uint64_t{0x0101010101010101}, size);
        return to;
    }
    if (size >= kStringUnit) {
        void* out = to;
        asm volatile("rep stosb" : "+D"(out), "+c"(size) : "a"(value) : "memory");
        return to;
    }
    const __m128i vector = _mm_set1_epi8(static_cast<char>(value));
    for (size_t done = 0; size - done > 16; done += 16) store_vector(to, done, vector);
    store_vector(to, size - 16, vector);
    return to;
}

int memcmp(const void* left, const void* right, size_t size) {
    size_t i = 0;
    for (; i + 16 <= size; i += 16) {
        const __m128i same = _mm_cmpeq_epi8(load_vector(left, i), load_vector(right, i));
        const unsigned different = ~static_cast<unsigned>(_mm_movemask_epi8(same)) & 0xffff;
        if (different != 0) {
            const size_t at = i + static_cast<unsigned>(__builtin_ctz(different));
            return load<uint8_t>(left, at) - load<uint8_t>(right, at);
        }
    }
    if (i + 8 <= size) {
        const uint64_t a = swapped(load<Word64>(left, i));
        const uint64_t b = swapped(load<Word64>(right, i));
        if (a != b) return a < b ? -1 : 1;
        i += 8;
    }
    for (; i < size; ++i) {
        const int difference = load<uint8_t>(left, i) - load<uint8_t>(right, i);
        if (difference != 0) return difference;
    }
    return 0;
}
}
