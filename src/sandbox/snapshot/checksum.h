// XXH3: finds out that bytes were changed by accident. Whoever wants to can make bytes with any checksum.
#ifndef CURFEW_SANDBOX_CHECKSUM_H
#define CURFEW_SANDBOX_CHECKSUM_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace curfew::sandbox {

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

}  // namespace curfew::sandbox

#endif
