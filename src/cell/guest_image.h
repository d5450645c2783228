// A program for a cell: the segments of its memory, and the files that they come from.
#ifndef CURFEW_CELL_GUEST_IMAGE_H
#define CURFEW_CELL_GUEST_IMAGE_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <curfew/error.h>

#include "cell/descriptor.h"
#include "cell/memory_file.h"
#include "wire/frozen_image.h"

namespace curfew::cell {

// Where the pages of a piece of guest memory come from.
enum class Content : std::uint8_t {
    zero,     // from no file
    image,    // the image's file
    program,  // the file of the program that was frozen
    state,    // a saved state's file
};

struct Segment {
    std::uint64_t address = 0;  // page-aligned
    std::uint64_t length = 0;   // whole pages
    std::uint64_t offset = 0;   // in its file
    Content content = Content::image;
    bool writable = false;
    bool executable = false;
    bool grows = false;  // of zeros; a cell has of it what its sizes allow
};

// Immutable; shared by all cells and snapshots of the program. There are two kinds. A *linked* image is a static program made for
// cells: it starts at its entry, with heap and stack where the layout has them. A *frozen* one is an ordinary process that was
// written down (wire/frozen_image.h): it goes on where it was, and its heap and stack are segments like others.
class GuestImage {
  public:
    // Back ends have room for as many, and for as many pieces of writable memory of a saved state.
    static constexpr std::size_t kMaxReadOnlySegments = 6;  // of a linked image
    static constexpr std::size_t kMaxFrozenSegments = wire::kMaxFrozenSegments;

    // Fails with `internal` for a file that is not a static ELF program for a cell: wrong addresses, a segment that is
    // both writable and executable, no entry, more than one writable segment, or too many others.
    static Result<std::shared_ptr<const GuestImage>> from_elf(std::span<const std::byte> elf);

    // `image` is a sealed file as the freezer writes it, `program` the file of the program that was frozen, which nobody must
    // change while it is in use. Looks at the header only, and fails with `invalid_argument` if it makes no sense: a segment in a place
    // that is not the guest's, content that its file does not have, registers that lead nowhere.
    static Result<std::shared_ptr<const GuestImage>> from_frozen(MemoryFile image, Descriptor program);

    const MemoryFile& file() const noexcept { return file_; }
    int program_descriptor() const noexcept { return program_.get(); }           // -1: none
    const std::vector<Segment>& segments() const noexcept { return segments_; }  // by address
    std::uint64_t entry() const noexcept { return entry_; }

    // What a frozen image goes on with; none of a linked one.
    struct Frozen {
        std::uint64_t stack_pointer;
        std::uint64_t fs_base;
        std::uint64_t call_entry;  // see wire::FrozenHeader
    };
    const std::optional<Frozen>& frozen() const noexcept { return frozen_; }

    // Hexadecimal; images with the same are the same. Empty if a linked file has none.
    const std::string& build_id() const noexcept { return build_id_; }

  private:
    GuestImage(MemoryFile file, Descriptor program, std::vector<Segment> segments, std::uint64_t entry,
               std::optional<Frozen> frozen, std::string build_id)
        : file_(std::move(file)),
          program_(std::move(program)),
          segments_(std::move(segments)),
          entry_(entry),
          frozen_(frozen),
          build_id_(std::move(build_id)) {}

    MemoryFile file_;
    Descriptor program_;
    std::vector<Segment> segments_;
    std::uint64_t entry_;
    std::optional<Frozen> frozen_;
    std::string build_id_;
};

}  // namespace curfew::cell

#endif
