#include "base/sha256.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace curfew::base {

namespace {

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
constexpr std::array<std::uint32_t, 64> kRounds{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

std::uint32_t word_at(const std::byte* bytes) noexcept {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return std::endian::native == std::endian::little ? __builtin_bswap32(word) : word;
}

void add_block(std::array<std::uint32_t, 8>& state, const std::byte* block) noexcept {
    std::array<std::uint32_t, 64> words;  // NOLINT(cppcoreguidelines-pro-type-member-init): written below, all of it
    for (std::size_t i = 0; i < 16; ++i) words[i] = word_at(block + 4 * i);
    for (std::size_t i = 16; i < 64; ++i) {
        const std::uint32_t early = words[i - 15];
        const std::uint32_t late = words[i - 2];
        words[i] = words[i - 16] + (std::rotr(early, 7) ^ std::rotr(early, 18) ^ (early >> 3)) + words[i - 7] +
                   (std::rotr(late, 17) ^ std::rotr(late, 19) ^ (late >> 10));
    }
    auto [a, b, c, d, e, f, g, h] = state;
    for (std::size_t i = 0; i < 64; ++i) {
        const std::uint32_t first =
            h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + ((e & f) ^ (~e & g)) + kRounds[i] + words[i];
        const std::uint32_t second =
            (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g;
        g = f;
        f = e;
        e = d + first;
        d = c;
        c = b;
        b = a;
        a = first + second;
    }
    const std::array<std::uint32_t, 8> sum{a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < state.size(); ++i) state[i] += sum[i];
}

void add_blocks(std::array<std::uint32_t, 8>& state, std::span<const std::byte> blocks) noexcept {
    for (std::size_t at = 0; at < blocks.size(); at += Sha256::kBlock) add_block(state, &blocks[at]);
}

}  // namespace

void Sha256::add(std::span<const std::byte> bytes) noexcept {
    length_ += bytes.size();
    if (filled_ > 0) {
        const std::size_t piece = std::min(bytes.size(), kBlock - filled_);
        std::ranges::copy(bytes.first(piece), block_.begin() + static_cast<std::ptrdiff_t>(filled_));
        filled_ += piece;
        bytes = bytes.subspan(piece);
        if (filled_ < kBlock) return;
        add_blocks(state_, block_);
        filled_ = 0;
    }
    const std::size_t whole = bytes.size() / kBlock * kBlock;
    if (whole > 0) add_blocks(state_, bytes.first(whole));
    bytes = bytes.subspan(whole);
    std::ranges::copy(bytes, block_.begin());
    filled_ = bytes.size();
}

// A one, zeros, and the length in bits, up to a whole block.
Sha256::Digest Sha256::finish() noexcept {
    std::array<std::byte, 2 * kBlock> end{std::byte{0x80}};
    const std::size_t padding = (filled_ < kBlock - 8 ? kBlock : 2 * kBlock) - 8 - filled_;
    const std::uint64_t bits = length_ * 8;
    for (std::size_t i = 0; i < 8; ++i) end[padding + i] = static_cast<std::byte>(bits >> (56 - 8 * i));
    add(std::span(end).first(padding + 8));
    Digest digest;
    for (std::size_t i = 0; i < digest.size(); ++i) {
        digest[i] = static_cast<std::byte>(state_[i / 4] >> (24 - 8 * (i % 4)));
    }
    return digest;
}

HmacSha256::HmacSha256(std::span<const std::byte> key) noexcept {
    std::array<std::byte, Sha256::kBlock> padded{};
    if (key.size() > padded.size()) {
        std::ranges::copy(Sha256::of(key), padded.begin());
    } else {
        std::ranges::copy(key, padded.begin());
    }
    const auto add_with = [&](Sha256& hash, std::byte mask) {
        std::array<std::byte, Sha256::kBlock> masked{};
        std::ranges::transform(padded, masked.begin(), [mask](std::byte byte) { return byte ^ mask; });
        hash.add(masked);
    };
    add_with(inner_, std::byte{0x36});
    add_with(outer_, std::byte{0x5c});
}

Sha256::Digest HmacSha256::finish() noexcept {
    outer_.add(inner_.finish());
    return outer_.finish();
}

bool equal_in_constant_time(const Sha256::Digest& one, const Sha256::Digest& other) noexcept {
    unsigned difference = 0;
    for (std::size_t i = 0; i < one.size(); ++i) difference |= std::to_integer<unsigned>(one[i] ^ other[i]);
    // Nothing that the compiler may turn into an early end: it does not know what becomes of the sum.
    asm volatile("" : "+r"(difference));
    return difference == 0;
}

}  // namespace curfew::base
