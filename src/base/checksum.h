// XXH3: finds out that bytes were changed by accident, and tells versions apart. Whoever wants to can make bytes with any checksum.
#ifndef CURFEW_BASE_CHECKSUM_H
#define CURFEW_BASE_CHECKSUM_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace curfew::base {

// Of bytes that come piece by piece.
class Checksum {
  public:
    Checksum();
    ~Checksum();
    Checksum(const Checksum&) = delete;
    Checksum& operator=(const Checksum&) = delete;

    void add(std::span<const std::byte> bytes) noexcept;
    std::uint64_t value() const noexcept;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

std::uint64_t checksum_of(std::span<const std::byte> bytes) noexcept;

// The longer kind, by which things are named that differ: no two that come about by themselves have the same.
std::array<std::byte, 16> fingerprint_of(std::span<const std::byte> bytes) noexcept;

}  // namespace curfew::base

#endif
