#include "base/checksum.h"

// All of it is compiled in here; nothing is linked.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>

namespace curfew::base {

struct Checksum::State {
    XXH3_state_t xxh3;
};

Checksum::Checksum() : state_(std::make_unique<State>()) { XXH3_64bits_reset(&state_->xxh3); }
Checksum::~Checksum() = default;

void Checksum::add(std::span<const std::byte> bytes) noexcept {
    XXH3_64bits_update(&state_->xxh3, bytes.data(), bytes.size());
}

std::uint64_t Checksum::value() const noexcept { return XXH3_64bits_digest(&state_->xxh3); }

std::uint64_t checksum_of(std::span<const std::byte> bytes) noexcept { return XXH3_64bits(bytes.data(), bytes.size()); }

std::array<std::byte, 16> fingerprint_of(std::span<const std::byte> bytes) noexcept {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
    std::array<std::byte, 16> fingerprint{};
    std::memcpy(fingerprint.data(), canonical.digest, fingerprint.size());
    return fingerprint;
}

}  // namespace curfew::base
