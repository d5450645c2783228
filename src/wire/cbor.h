// CBOR (RFC 8949) as it passes between host and guest: what both sides must agree on beyond the standard. docs/values.md
// lists it for users.
#ifndef CURFEW_WIRE_CBOR_H
#define CURFEW_WIRE_CBOR_H

#include <stdint.h>

namespace curfew::wire::cbor {

// The upper three bits of an item's first byte.
enum Major : uint8_t {
    kUnsigned = 0,
    kNegative = 1,
    kBytes = 2,
    kText = 3,
    kArray = 4,
    kMap = 5,
    kTag = 6,
    kSimple = 7,
};

// The lower five: a number up to 23, or how many bytes it has.
inline constexpr uint8_t kOneByte = 24;
inline constexpr uint8_t kTwoBytes = 25;
inline constexpr uint8_t kFourBytes = 26;
inline constexpr uint8_t kEightBytes = 27;
inline constexpr uint8_t kIndefinite = 31;

inline constexpr uint8_t kFalse = 0xf4;
inline constexpr uint8_t kTrue = 0xf5;
inline constexpr uint8_t kNull = 0xf6;
inline constexpr uint8_t kUndefined = 0xf7;
inline constexpr uint8_t kFloat16 = 0xf9;
inline constexpr uint8_t kFloat32 = 0xfa;
inline constexpr uint8_t kFloat64 = 0xfb;
inline constexpr uint8_t kBreak = 0xff;

enum Tag : uint64_t {
    kDateText = 0,        // RFC 3339
    kDate = 1,            // seconds since 1970; NaN is an invalid date
    kBigInt = 2,          // bytes, the most significant first
    kNegativeBigInt = 3,  // -1 less the number
    kObjectOfClass =
        27,             // [name, argument...]: errors as ["TypeError", fields], and ["ArrayBuffer" | "DataView", bytes]
    kShareable = 28,    // the value may be referred to; they count from 0
    kReference = 29,    // its number
    kPattern = 35,      // a regular expression without flags
    kTypedArrays = 64,  // RFC 8746: this and the next 23
    kTypedArraysEnd = 88,
    kSet = 258,
    kMapOfValues = 259,  // a Map; a map without it whose keys are texts is an object
    kRegExp = 21066,     // [source, flags]
    kSelfDescribed = 55799,
};

// Whole numbers up to this go as CBOR's integers, all others as binary64; an integer beyond it is a BigInt.
inline constexpr uint64_t kGreatestInteger = uint64_t{1} << 53;

}  // namespace curfew::wire::cbor

#endif
