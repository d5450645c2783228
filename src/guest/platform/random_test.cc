#include "guest/platform/random.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <set>
#include <vector>

namespace curfew::guest {
namespace {

Random seeded(std::uint8_t first) {
    std::array<std::uint8_t, kSeedSize> seed{first};
    Random random;
    random.seed(seed.data());
    return random;
}

// RFC 8439, appendix A.1: the blocks 0 and 1 of the key stream of a key and a nonce of zeros. The first half of block 0 is
// never handed out: it is the next key.
TEST(Random, HandsOutTheKeyStreamOfItsRfcFromTheSecondHalfOfABlockOn) {
    const std::array<std::uint8_t, 96> expected = {
        0xda, 0x41, 0x59, 0x7c, 0x51, 0x57, 0x48, 0x8d, 0x77, 0x24, 0xe0, 0x3f, 0xb8, 0xd8, 0x4a, 0x37,
        0x6a, 0x43, 0xb8, 0xf4, 0x15, 0x18, 0xa1, 0x1c, 0xc3, 0x87, 0xb6, 0x69, 0xb2, 0xee, 0x65, 0x86,
        0x9f, 0x07, 0xe7, 0xbe, 0x55, 0x51, 0x38, 0x7a, 0x98, 0xba, 0x97, 0x7c, 0x73, 0x2d, 0x08, 0x0d,
        0xcb, 0x0f, 0x29, 0xa0, 0x48, 0xe3, 0x65, 0x69, 0x12, 0xc6, 0x53, 0x3e, 0x32, 0xee, 0x7a, 0xed,
        0x29, 0xb7, 0x21, 0x76, 0x9c, 0xe6, 0x4e, 0x43, 0xd5, 0x71, 0x33, 0xb0, 0x74, 0xd8, 0x39, 0xd5,
        0x31, 0xed, 0x1f, 0x28, 0x51, 0x0a, 0xfb, 0x45, 0xac, 0xe1, 0x0a, 0x1f, 0x4b, 0x79, 0x4d, 0x6f};
    Random random = seeded(0);
    std::array<std::uint8_t, 96> bytes;
    random.fill(bytes.data(), bytes.size());
    EXPECT_EQ(bytes, expected);
}

// The key of the second refill is the first half of block 0, so what follows is not the first key's stream any more.
TEST(Random, GoesOnWithTheKeyThatItHeldBack) {
    Random random = seeded(0);
    std::vector<std::uint8_t> first(512 - kSeedSize);
    random.fill(first.data(), first.size());
    const std::array<std::uint8_t, kSeedSize> held_back = {
        0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90, 0x40, 0x5d, 0x6a, 0xe5, 0x53, 0x86, 0xbd, 0x28,
        0xbd, 0xd2, 0x19, 0xb8, 0xa0, 0x8d, 0xed, 0x1a, 0xa8, 0x36, 0xef, 0xcc, 0x8b, 0x77, 0x0d, 0xc7};
    Random same;
    same.seed(held_back.data());
    for (int i = 0; i < 100; ++i) EXPECT_EQ(random.next(), same.next());
}

TEST(Random, RepeatsItselfForASeedOnly) {
    Random one = seeded(1);
    Random same = seeded(1);
    Random other = seeded(2);
    for (int i = 0; i < 1000; ++i) {
        const std::uint64_t number = one.next();
        EXPECT_EQ(number, same.next());
        EXPECT_NE(number, other.next());
    }
}

TEST(Random, GivesTheSameBytesInPiecesOfAnySize) {
    Random whole = seeded(3);
    std::vector<std::uint8_t> expected(10'000);
    whole.fill(expected.data(), expected.size());
    Random pieces = seeded(3);
    std::vector<std::uint8_t> bytes(expected.size());
    for (std::size_t done = 0, size = 1; done < bytes.size(); size = size % 700 + 13) {
        const std::size_t some = std::min(size, bytes.size() - done);
        pieces.fill(bytes.data() + done, some);
        done += some;
    }
    EXPECT_EQ(bytes, expected);
}

TEST(Random, SpreadsItsFractionsEvenly) {
    Random random = seeded(4);
    std::array<int, 16> counts{};
    constexpr int kDraws = 160'000;
    for (int i = 0; i < kDraws; ++i) {
        const double fraction = random.next_fraction();
        ASSERT_GE(fraction, 0.0);
        ASSERT_LT(fraction, 1.0);
        ++counts[static_cast<std::size_t>(fraction * 16)];
    }
    for (const int count : counts) EXPECT_NEAR(count, kDraws / 16, kDraws / 16 / 10);
}

TEST(Random, NeverRepeatsABlock) {
    Random random = seeded(5);
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 100'000; ++i) EXPECT_TRUE(seen.insert(random.next()).second);
}

}  // namespace
}  // namespace curfew::guest
