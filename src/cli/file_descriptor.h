#ifndef CURFEW_CLI_FILE_DESCRIPTOR_H
#define CURFEW_CLI_FILE_DESCRIPTOR_H

#include <unistd.h>

#include <utility>

namespace curfew::cli {

// Owns a descriptor. Closing never fails in a way that matters here: nothing is written through these.
class FileDescriptor {
  public:
    explicit FileDescriptor(int number) noexcept : number_(number) {}
    FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~FileDescriptor() {
        if (number_ >= 0) ::close(number_);
    }

    int number() const noexcept { return number_; }

  private:
    int number_;
};

}  // namespace curfew::cli

#endif
