// Floats of CBOR, of 2, 4 or 8 bytes.
#ifndef CURFEW_GUEST_RUNTIME_HALF_FLOAT_H
#define CURFEW_GUEST_RUNTIME_HALF_FLOAT_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "wire/cbor.h"

namespace curfew::guest {

// `low` is the lower part of the item's first byte, `bits` the rest.
inline double float_of(uint8_t low, uint64_t bits) {
    if (low == wire::cbor::kEightBytes) {
        double number = 0;
        memcpy(&number, &bits, sizeof(number));
        return number;
    }
    if (low == wire::cbor::kFourBytes) {
        const auto half = static_cast<uint32_t>(bits);
        float number = 0;
        memcpy(&number, &half, sizeof(number));
        return static_cast<double>(number);
    }
    const int exponent = static_cast<int>(bits >> 10 & 0x1f);
    const int fraction = static_cast<int>(bits & 0x3ff);
    double number = 0;
    if (exponent == 0x1f) {
        number = fraction == 0 ? __builtin_inf() : __builtin_nan("");
    } else {
        number = exponent == 0 ? ldexp(fraction, -24) : ldexp(fraction + 1024, exponent - 25);
    }
    return (bits & 0x8000) != 0 ? -number : number;
}

}  // namespace curfew::guest

#endif
