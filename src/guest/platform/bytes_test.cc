// The guest's byte functions under names of their own, so that they can be compared with the host's.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

extern "C" {
void* guest_memcpy(void* to, const void* from, std::size_t size);
void* guest_memmove(void* to, const void* from, std::size_t size);
void* guest_memset(void* to, int value, std::size_t size);
int guest_memcmp(const void* left, const void* right, std::size_t size);
}

namespace curfew::guest {
namespace {

constexpr std::size_t kSizes[] = {0,  1,  2,  3,  4,  5,  7,   8,   9,   15,  16,  17,   31,   32,   33,    47,
                                  48, 63, 64, 65, 80, 96, 127, 128, 129, 255, 500, 4095, 4096, 4097, 10'000};

std::vector<unsigned char> noise(std::size_t size) {
    std::mt19937 random(1);
    std::vector<unsigned char> bytes(size);
    std::ranges::generate(bytes, [&] { return static_cast<unsigned char>(random()); });
    return bytes;
}

TEST(Bytes, CopiesExactly) {
    const auto source = noise(20'000);
    for (const std::size_t size : kSizes) {
        for (std::size_t offset = 0; offset < 17; offset += 3) {
            std::vector<unsigned char> expected(size + 64, 0xee);
            auto actual = expected;
            std::memcpy(expected.data() + offset, source.data() + offset, size);
            EXPECT_EQ(guest_memcpy(actual.data() + offset, source.data() + offset, size), actual.data() + offset);
            ASSERT_EQ(actual, expected) << size << " at " << offset;
        }
    }
}

TEST(Bytes, MovesBetweenOverlappingPlaces) {
    for (const std::size_t size : kSizes) {
        for (const std::size_t shift : {0, 1, 8, 15, 16, 17, 100}) {
            auto expected = noise(size + 128);
            auto actual = expected;
            std::memmove(expected.data() + shift, expected.data(), size);
            guest_memmove(actual.data() + shift, actual.data(), size);
            ASSERT_EQ(actual, expected) << size << " up by " << shift;
            std::memmove(expected.data(), expected.data() + shift, size);
            guest_memmove(actual.data(), actual.data() + shift, size);
            ASSERT_EQ(actual, expected) << size << " down by " << shift;
        }
    }
}

TEST(Bytes, SetsExactly) {
    for (const std::size_t size : kSizes) {
        for (const int value : {0, 7, 0xff, -1, 0x1234}) {
            auto expected = noise(size + 64);
            auto actual = expected;
            std::memset(expected.data() + 5, value, size);
            EXPECT_EQ(guest_memset(actual.data() + 5, value, size), actual.data() + 5);
            ASSERT_EQ(actual, expected) << size << " of " << value;
        }
    }
}

TEST(Bytes, ComparesAsUnsignedBytes) {
    const auto sign = [](int number) { return (number > 0) - (number < 0); };
    for (const std::size_t size : kSizes) {
        const auto left = noise(size);
        EXPECT_EQ(guest_memcmp(left.data(), left.data(), size), 0);
        for (std::size_t at = 0; at < size; at += std::max<std::size_t>(1, size / 40)) {
            auto right = left;
            for (const int value : {0x00, 0x7f, 0x80, 0xff}) {
                right[at] = static_cast<unsigned char>(value);
                ASSERT_EQ(sign(guest_memcmp(left.data(), right.data(), size)),
                          sign(std::memcmp(left.data(), right.data(), size)))
                    << size << " at " << at;
            }
        }
    }
}

}  // namespace
}  // namespace curfew::guest
