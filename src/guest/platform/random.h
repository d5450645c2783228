// Random numbers from a seed that the host gives: ChaCha20 in counter mode, whose key is replaced with every
// refill, so that what was handed out cannot be worked out from the state later on. Fit for keys, as far as
// the seed is.
#ifndef CURFEW_GUEST_PLATFORM_RANDOM_H
#define CURFEW_GUEST_PLATFORM_RANDOM_H

#include <stddef.h>
#include <stdint.h>

namespace curfew::guest {

inline constexpr size_t kSeedSize = 32;

// Not for several threads. Has no constructor that runs code: until seed() it counts from a key of zeros.
class Random {
  public:
    // Forgets everything, and starts from this seed.
    void seed(const uint8_t seed[kSeedSize]);

    void fill(void* out, size_t size);
    uint64_t next();

    // From 0 up to, but not including, 1; all multiples of 2^-53 are equally likely.
    double next_fraction() { return static_cast<double>(next() >> 11) * 0x1p-53; }

  private:
    static constexpr size_t kBufferSize = 512;

    void refill();

    uint8_t key_[kSeedSize];
    uint8_t buffer_[kBufferSize];
    size_t left_;  // bytes at the buffer's end that were not handed out yet
};

}  // namespace curfew::guest

#endif
