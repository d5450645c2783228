// SHA-256 (FIPS 180-4) and HMAC with it (RFC 2104): tells whether bytes come from who has a key.
#ifndef CURFEW_BASE_SHA256_H
#define CURFEW_BASE_SHA256_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace curfew::base {

// Of bytes that come piece by piece.
class Sha256 {
  public:
    static constexpr std::size_t kBlock = 64;
    using Digest = std::array<std::byte, 32>;

    void add(std::span<const std::byte> bytes) noexcept;
    Digest finish() noexcept;  // once

    static Digest of(std::span<const std::byte> bytes) noexcept {
        Sha256 hash;
        hash.add(bytes);
        return hash.finish();
    }

  private:
    std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<std::byte, kBlock> block_{};
    std::size_t filled_ = 0;  // bytes of block_
    std::uint64_t length_ = 0;
};

class HmacSha256 {
  public:
    explicit HmacSha256(std::span<const std::byte> key) noexcept;

    void add(std::span<const std::byte> bytes) noexcept { inner_.add(bytes); }
    Sha256::Digest finish() noexcept;  // once

  private:
    Sha256 inner_;
    Sha256 outer_;
};

// Takes the same time wherever they differ.
bool equal_in_constant_time(const Sha256::Digest& one, const Sha256::Digest& other) noexcept;

}  // namespace curfew::base

#endif
