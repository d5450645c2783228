#include "guest/platform/random.h"

#include <string.h>

namespace curfew::guest {

namespace {

uint32_t load(const uint8_t* bytes) {
    uint32_t word = 0;
    memcpy(&word, bytes, sizeof(word));
    return word;
}

uint32_t rotate(uint32_t word, unsigned bits) { return word << bits | word >> (32 - bits); }

void quarter_round(uint32_t& a, uint32_t& b, uint32_t& c, uint32_t& d) {
    a += b;
    d = rotate(d ^ a, 16);
    c += d;
    b = rotate(b ^ c, 12);
    a += b;
    d = rotate(d ^ a, 8);
    c += d;
    b = rotate(b ^ c, 7);
}

}  // namespace

void chacha20_block(const uint8_t key[32], uint32_t counter, const uint8_t nonce[12], uint8_t out[64]) {
    const uint32_t start[16] = {0x61707865,     0x3320646e,     0x79622d32,      0x6b206574,
                                load(key),      load(key + 4),  load(key + 8),   load(key + 12),
                                load(key + 16), load(key + 20), load(key + 24),  load(key + 28),
                                counter,        load(nonce),    load(nonce + 4), load(nonce + 8)};
    uint32_t x[16];
    memcpy(x, start, sizeof(x));
    for (int round = 0; round < 20; round += 2) {
        quarter_round(x[0], x[4], x[8], x[12]);
        quarter_round(x[1], x[5], x[9], x[13]);
        quarter_round(x[2], x[6], x[10], x[14]);
        quarter_round(x[3], x[7], x[11], x[15]);
        quarter_round(x[0], x[5], x[10], x[15]);
        quarter_round(x[1], x[6], x[11], x[12]);
        quarter_round(x[2], x[7], x[8], x[13]);
        quarter_round(x[3], x[4], x[9], x[14]);
    }
    for (int i = 0; i < 16; ++i) x[i] += start[i];
    memcpy(out, x, sizeof(x));
}

void Random::seed(const uint8_t seed[kSeedSize]) {
    memcpy(key_, seed, kSeedSize);
    left_ = 0;
}

void Random::refill() {
    static constexpr uint8_t kNonce[12] = {};
    for (size_t block = 0; block < kBufferSize / 64; ++block) {
        chacha20_block(key_, static_cast<uint32_t>(block), kNonce, buffer_ + 64 * block);
    }
    memcpy(key_, buffer_, kSeedSize);
    memset(buffer_, 0, kSeedSize);
    left_ = kBufferSize - kSeedSize;
}

void Random::fill(void* out, size_t size) {
    auto* to = static_cast<uint8_t*>(out);
    while (size > 0) {
        if (left_ == 0) refill();
        const size_t some = size < left_ ? size : left_;
        uint8_t* from = buffer_ + kBufferSize - left_;
        memcpy(to, from, some);
        memset(from, 0, some);
        left_ -= some;
        to += some;
        size -= some;
    }
}

uint64_t Random::next() {
    uint64_t number = 0;
    if (left_ < sizeof(number)) {
        fill(&number, sizeof(number));
        return number;
    }
    uint8_t* from = buffer_ + kBufferSize - left_;
    memcpy(&number, from, sizeof(number));
    memset(from, 0, sizeof(number));
    left_ -= sizeof(number);
    return number;
}

}  // namespace curfew::guest
