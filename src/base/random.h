// Randomness from the kernel.
#ifndef CURFEW_BASE_RANDOM_H
#define CURFEW_BASE_RANDOM_H

#include <sys/random.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace curfew::base {

// Fit for keys. Waits where the kernel has not gathered enough since it was started, and cannot fail.
inline void fill_with_randomness(std::span<std::uint8_t> bytes) noexcept {
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const ssize_t got = ::getrandom(bytes.data() + filled, bytes.size() - filled, 0);
        if (got > 0) filled += static_cast<std::size_t>(got);
    }
}

}  // namespace curfew::base

#endif
