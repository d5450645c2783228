#include "guest/platform/random.h"

#include <bearssl_block.h>
#include <string.h>

namespace curfew::guest {

void Random::seed(const uint8_t seed[kSeedSize]) {
    memcpy(key_, seed, kSeedSize);
    left_ = 0;
}

void Random::refill() {
    static constexpr uint8_t kNonce[12] = {};
    memset(buffer_, 0, kBufferSize);  // the key stream is what becomes of zeros
    br_chacha20_ct_run(key_, kNonce, 0, buffer_, kBufferSize);
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
