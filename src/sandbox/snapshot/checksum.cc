#include "sandbox/snapshot/checksum.h"

// All of it is compiled in here; nothing is linked.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace curfew::sandbox {

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

}  // namespace curfew::sandbox
