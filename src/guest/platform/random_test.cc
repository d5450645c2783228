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

// RFC 8439, section 2.3.2.
TEST(ChaCha20, MatchesTheTestVectorOfItsRfc) {
    std::array<std::uint8_t, 32> key;
    std::iota(key.begin(), key.end(), std::uint8_t{0});
    const std::array<std::uint8_t, 12> nonce = {0, 0, 0, 9, 0, 0, 0, 0x4a, 0, 0, 0, 0};
    std::array<std::uint8_t, 64> block;
    chacha20_block(key.data(), 1, nonce.data(), block.data());
    const std::array<std::uint8_t, 64> expected = {
        0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15, 0x50, 0x0f, 0xdd, 0x1f, 0xa3, 0x20, 0x71, 0xc4,
        0xc7, 0xd1, 0xf4, 0xc7, 0x33, 0xc0, 0x68, 0x03, 0x04, 0x22, 0xaa, 0x9a, 0xc3, 0xd4, 0x6c, 0x4e,
        0xd2, 0x82, 0x64, 0x46, 0x07, 0x9f, 0xaa, 0x09, 0x14, 0xc2, 0xd7, 0x05, 0xd9, 0x8b, 0x02, 0xa2,
        0xb5, 0x12, 0x9c, 0xd1, 0xde, 0x16, 0x4e, 0xb9, 0xcb, 0xd0, 0x83, 0xe8, 0xa2, 0x50, 0x3c, 0x4e};
    EXPECT_EQ(block, expected);
}

Random seeded(std::uint8_t first) {
    std::array<std::uint8_t, kSeedSize> seed{first};
    Random random;
    random.seed(seed.data());
    return random;
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
