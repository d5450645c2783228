#include "guest/platform/decimal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// The processor's 80-bit format has 64 bits of mantissa: it holds any number of up to 19 digits exactly,
// and the powers of ten up to 27. So one multiplication or division gives the nearest 80-bit number to
// the decimal one. Rounding that to a double again gives the nearest double, unless it lies in the middle
// between two, where what the first rounding left off would have decided. Those numbers, and all others, are
// left to strtod.

namespace {

constexpr int kMostDigits = 19;
constexpr int kMostPower = 27;
constexpr uint64_t kBelowDouble = 0x7ff;  // the bits of an 80-bit mantissa that a double has no room for
constexpr uint64_t kMiddle = 0x400;

constexpr long double kPowersOfTen[kMostPower + 1] = {
    1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,  1e7L,  1e8L,  1e9L,  1e10L, 1e11L, 1e12L, 1e13L,
    1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L, 1e20L, 1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads digits into `mantissa`, and counts those from the first that is not zero on.
const char* read_digits(const char* p, uint64_t& mantissa, int& digits) {
    for (; is_digit(*p); ++p) {
        if (digits > 0 || *p != '0') ++digits;
        if (digits <= kMostDigits) mantissa = mantissa * 10 + static_cast<uint64_t>(*p - '0');
    }
    return p;
}

}  // namespace

double decimal_to_double(const char* text, char** end) {
    const char* p = text;
    const bool negative = *p == '-';
    if (negative) ++p;
    if (!is_digit(*p) || (*p == '0' && (p[1] | 0x20) == 'x')) return strtod(text, end);

    uint64_t mantissa = 0;
    int digits = 0;
    int exponent = 0;
    p = read_digits(p, mantissa, digits);
    if (*p == '.') {
        const char* const fraction = p + 1;
        p = read_digits(fraction, mantissa, digits);
        exponent = fraction - p < -1000 ? -1000 : static_cast<int>(fraction - p);
    }
    if ((*p | 0x20) == 'e') {
        const char* q = p + 1;
        const bool down = *q == '-';
        if (*q == '-' || *q == '+') ++q;
        if (is_digit(*q)) {
            int power = 0;
            for (; is_digit(*q); ++q) power = power < 1000 ? power * 10 + (*q - '0') : power;
            exponent += down ? -power : power;
            p = q;
        }
    }
    if (digits > kMostDigits || exponent < -kMostPower || exponent > kMostPower) return strtod(text, end);

    const auto whole = static_cast<long double>(mantissa);
    const long double exact = exponent < 0 ? whole / kPowersOfTen[-exponent] : whole * kPowersOfTen[exponent];
    uint64_t bits = 0;
    memcpy(&bits, &exact, sizeof(bits));
    if ((bits & kBelowDouble) == kMiddle) return strtod(text, end);
    if (end) *end = const_cast<char*>(p);
    const auto number = static_cast<double>(exact);
    return negative ? -number : number;
}

int drop_digit_of_power_of_two(char* text, int length, double number) {
    constexpr uint64_t kFraction = (uint64_t{1} << 52) - 1;
    constexpr int kLongest = 40;
    uint64_t bits = 0;
    memcpy(&bits, &number, sizeof bits);
    const auto* const exponent = static_cast<const char*>(memchr(text, 'e', static_cast<size_t>(length)));
    if ((bits & kFraction) != 0 || !exponent || length > kLongest) return length;
    char shorter[kLongest + 1];
    int size = 0;
    for (const char* p = text; p != exponent; ++p) shorter[size++] = *p;
    --size;
    // Rounded up: nines become zeros, which are left off at the end, and so is a point that nothing follows.
    while (size > 0 && (shorter[size - 1] == '9' || shorter[size - 1] == '.')) --size;
    if (size == 0 || !is_digit(shorter[size - 1])) return length;
    ++shorter[size - 1];
    memcpy(shorter + size, exponent, static_cast<size_t>(text + length - exponent));
    size += static_cast<int>(text + length - exponent);
    shorter[size] = '\0';
    if (decimal_to_double(shorter, nullptr) != number) return length;
    memcpy(text, shorter, static_cast<size_t>(size) + 1);
    return size;
}
