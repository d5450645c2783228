// A program for a cell, read from its ELF file and laid out in a sealed memory file.
#ifndef CURFEW_CELL_GUEST_IMAGE_H
#define CURFEW_CELL_GUEST_IMAGE_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <curfew/error.h>

#include "cell/memory_file.h"

namespace curfew::cell {

struct Segment {
    std::uint64_t address;  // page-aligned
    std::uint64_t length;   // whole pages
    std::uint64_t offset;   // in the image's file
    bool writable;
    bool executable;
};

// Immutable; shared by all cells and snapshots of the program.
class GuestImage {
  public:
    // Back ends have room for as many.
    static constexpr std::size_t kMaxReadOnlySegments = 6;

    // Fails with `internal` for a file that is not a static ELF program for a cell: wrong addresses, a segment that is
    // both writable and executable, no entry, more than one writable segment, or too many others.
    static Result<std::shared_ptr<const GuestImage>> from_elf(std::span<const std::byte> elf);

    const MemoryFile& file() const noexcept { return file_; }
    const std::vector<Segment>& segments() const noexcept { return segments_; }
    std::uint64_t entry() const noexcept { return entry_; }

    // Whether memory of its cells is to become executable later. No engine so far has a compiler.
    bool makes_code() const noexcept { return false; }

    const std::string& build_id() const noexcept { return build_id_; }  // hexadecimal; empty if the file has none

  private:
    GuestImage(MemoryFile file, std::vector<Segment> segments, std::uint64_t entry, std::string build_id)
        : file_(std::move(file)), segments_(std::move(segments)), entry_(entry), build_id_(std::move(build_id)) {}

    MemoryFile file_;
    std::vector<Segment> segments_;
    std::uint64_t entry_;
    std::string build_id_;
};

}  // namespace curfew::cell

#endif
