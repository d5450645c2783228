// Owning a file descriptor.
#ifndef CURFEW_BASE_DESCRIPTOR_H
#define CURFEW_BASE_DESCRIPTOR_H

#include <unistd.h>

#include <utility>

namespace curfew::base {

// Closes it in the end. A failure of that is nobody's concern: who writes through one finds faults otherwise.
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

}  // namespace curfew::base

#endif
