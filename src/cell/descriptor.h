// Owners of file descriptors and mappings.
#ifndef CURFEW_CELL_DESCRIPTOR_H
#define CURFEW_CELL_DESCRIPTOR_H

#include <sys/mman.h>

#include <cstddef>
#include <span>
#include <utility>

#include "base/descriptor.h"

namespace curfew::cell {

using base::Descriptor;

// A shared, writable mapping of a whole file.
class SharedMapping {
  public:
    SharedMapping() = default;
    // Fails by being false; errno says why.
    SharedMapping(int descriptor, std::size_t size) noexcept {
        void* address = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
        if (address != MAP_FAILED) bytes_ = {static_cast<std::byte*>(address), size};
    }
    SharedMapping(SharedMapping&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
    SharedMapping& operator=(SharedMapping&& other) noexcept {
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    ~SharedMapping() {
        if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
    }

    std::span<std::byte> bytes() const noexcept { return bytes_; }
    explicit operator bool() const noexcept { return !bytes_.empty(); }

  private:
    std::span<std::byte> bytes_;
};

}  // namespace curfew::cell

#endif
