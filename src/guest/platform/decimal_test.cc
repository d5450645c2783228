// The guest's conversion of decimal numbers beside the C library's, which is exact.
#include "guest/platform/decimal.h"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <iomanip>
#include <random>
#include <sstream>
#include <string>

namespace {

void expect_same(const std::string& text) {
    char* expected_end = nullptr;
    char* end = nullptr;
    const double expected = std::strtod(text.c_str(), &expected_end);
    const double number = decimal_to_double(text.c_str(), &end);
    ASSERT_EQ(std::bit_cast<std::uint64_t>(number), std::bit_cast<std::uint64_t>(expected)) << text;
    ASSERT_EQ(end, expected_end) << text;
    ASSERT_EQ(std::bit_cast<std::uint64_t>(decimal_to_double(text.c_str(), nullptr)),
              std::bit_cast<std::uint64_t>(expected));
}

TEST(Decimal, ReadsNumbersOfEveryForm) {
    std::istringstream forms(R"(
        0 -0 0.0 1 -1 0.1 -0.3 4.35 0.000001 1e5 1E-5 1e+5 1.5e300 1e22 1e23 1e-22 1e400 1e-400 5e-324
        123456789012345678 1234567890123456789 12345678901234567890 0.000000000000000000000000000001
        9007199254740993 9007199254740992.5 9007199254740993.0000000001
        2.2250738585072014e-308 1.7976931348623157e308 1e99999999999999 1e-99999999999999 0e999
        00000000000000000000001.5 0.00000000000000000000000000000000000000000000001234e30
        000123 1. 1.e3 1e 1e+ 1x 0x10 .5 - + +1 1,5 abc inf nan)");
    for (std::string form; forms >> form;) expect_same(form);
    expect_same("");
    expect_same(" 1");
}

TEST(Decimal, RoundsRandomNumbersAsTheLibraryDoes) {
    std::mt19937_64 random(1);
    for (int i = 0; i < 300'000; ++i) {
        std::string text = std::to_string(random() >> random() % 64);
        if (random() % 2) text.insert(random() % text.size() + 1, ".");
        if (random() % 3 == 0) text += "e" + std::to_string(static_cast<int>(random() % 60) - 30);
        expect_same(text);
    }
}

TEST(Decimal, ReadsBackTheShortestFormOfADouble) {
    std::mt19937_64 random(2);
    for (int i = 0; i < 300'000; ++i) {
        const double number = std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 120) - 100);
        char text[64] = {};
        std::to_chars(text, text + sizeof(text) - 1, number);
        expect_same(text);
        EXPECT_EQ(decimal_to_double(text, nullptr), number);
    }
}

// The middles between doubles, and their nearest neighbours, are where rounding twice would go wrong.
TEST(Decimal, RoundsNumbersNearTheMiddle) {
    std::mt19937_64 random(3);
    for (int i = 0; i < 100'000; ++i) {
        const std::uint64_t middle = (std::uint64_t{1} << 53 | random() >> 11) * 2 + 1;  // 54 bits and half
        for (const std::uint64_t number : {middle - 1, middle, middle + 1}) {
            expect_same(std::to_string(number));
            expect_same(std::to_string(number) + ".0001");
            expect_same(std::to_string(number) + "e5");
            expect_same(std::to_string(number) + "e-7");
        }
    }
}

// As the engine does it: the nearest number of 17 digits, then of one digit less while that is the same double.
std::string nearest_text(double number) {
    std::string text;
    for (int digits = 17; digits > 0; --digits) {
        std::ostringstream out;
        out << std::scientific << std::setprecision(digits - 1) << number;
        std::string next = out.str();
        const std::size_t exponent = next.find('e');
        std::size_t end = exponent;
        while (next[end - 1] == '0') --end;
        if (next[end - 1] == '.') --end;
        next.erase(end, exponent - end);
        if (!text.empty() && std::strtod(next.c_str(), nullptr) != number) break;
        text = next;
    }
    return text;
}

TEST(Decimal, PowersOfTwoHaveNoMoreDigitsThanTheyNeed) {
    int shortened = 0;
    for (int power = -1074; power < 1024; ++power) {
        for (const double number : {std::ldexp(1.0, power), -std::ldexp(1.0, power)}) {
            std::string text = nearest_text(number);
            const auto length = static_cast<int>(text.size());
            const int left = drop_digit_of_power_of_two(text.data(), length, number);
            text.resize(static_cast<std::size_t>(left));
            char shortest[64] = {};
            const auto end = std::to_chars(shortest, shortest + sizeof shortest, number, std::chars_format::scientific);
            EXPECT_EQ(text.size(), static_cast<std::size_t>(end.ptr - shortest)) << text << " " << shortest;
            EXPECT_EQ(std::strtod(text.c_str(), nullptr), number) << text;
            shortened += left < length ? 1 : 0;
        }
    }
    EXPECT_EQ(shortened, 2 * 54);
}

TEST(Decimal, OtherTextsKeepTheirDigits) {
    for (const std::string text :
         {"1.5e+300", "4e+30", "1e-7", "0.5", "16", "-2", "Infinity", "NaN", "1.2345678901234567e+30"}) {
        std::string copy = text;
        copy.reserve(64);
        EXPECT_EQ(
            drop_digit_of_power_of_two(copy.data(), static_cast<int>(copy.size()), std::strtod(text.c_str(), nullptr)),
            static_cast<int>(text.size()));
        EXPECT_EQ(copy, text);
    }
}

}  // namespace
