// Owners of file descriptors and mappings.
#ifndef CURFEW_CELL_DESCRIPTOR_H
#define CURFEW_CELL_DESCRIPTOR_H

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <span>
#include <utility>

namespace curfew::cell {

class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int value) noexcept : value_(value) {}
    Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }
    ~Descriptor() {
        if (value_ >= 0) ::close(value_);
    }

    int get() const noexcept { return value_; }
    int release() noexcept { return std::exchange(value_, -1); }  // to be closed by whoever takes it
    explicit operator bool() const noexcept { return value_ >= 0; }

  private:
    int value_ = -1;
};

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
