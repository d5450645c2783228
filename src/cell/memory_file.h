// Memory that is shared by descriptor: written once, then sealed so that nobody can change it any more. Or a file that does as well.
#ifndef CURFEW_CELL_MEMORY_FILE_H
#define CURFEW_CELL_MEMORY_FILE_H

#include <cstddef>
#include <cstdint>
#include <span>

#include <curfew/error.h>

#include "cell/descriptor.h"

namespace curfew::cell {

class MemoryFile {
  public:
    // `name` shows in /proc only. Fails with `unavailable` where the kernel has no memfd, or no memory.
    static Result<MemoryFile> create(const char* name, std::uint64_t size, bool executable = false);

    // A file on a disk that is open for reading, and that nobody changes: for that its owner answers, and not a seal.
    static Result<MemoryFile> of_file(Descriptor file);

    // Pages that are all zero are not written, and so take no memory.
    Result<void> write(std::uint64_t offset, std::span<const std::byte> bytes);

    // Fails with `unavailable`, also for bytes that lie outside.
    Result<void> read(std::uint64_t offset, std::span<std::byte> bytes) const;

    // Looks how large it has become, when somebody else was given its descriptor to write it.
    Result<void> measure();

    // After this the content is what it is, for everybody.
    Result<void> seal();

    int descriptor() const noexcept { return descriptor_.get(); }
    std::uint64_t size() const noexcept { return size_; }

    // Bytes of memory that the file takes.
    std::uint64_t resident() const noexcept;

  private:
    MemoryFile(Descriptor descriptor, std::uint64_t size) : descriptor_(std::move(descriptor)), size_(size) {}

    Descriptor descriptor_;
    std::uint64_t size_;
};

}  // namespace curfew::cell

#endif
