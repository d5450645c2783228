// What the memory of a process cell is made of: what to ask the launcher for, and what to save.
#ifndef CURFEW_CELL_PROCESS_CELL_REQUEST_H
#define CURFEW_CELL_PROCESS_CELL_REQUEST_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cell/cell.h"
#include "cell/memory_image.h"
#include "cell/process/shared/launch.h"

namespace curfew::cell {

// For a cell in the state of `image`.
LaunchRequest cell_request(const MemoryImage& image, const CellOptions& options);

// The files that come with it.
std::array<int, kLaunchFiles> cell_files(const MemoryImage& image, int mailbox);

// Where such a file is mapped once more in a cell, if writable memory comes from it: what lies at an offset in the file lies so
// far behind this address. From there a reset copies. 0 for Content::zero.
std::uint64_t pristine_base(Content content) noexcept;

// What to save of a linked program's guest that is parked, which started from `origin`: up to where its stack and its heap end by its
// own account. Empty if that is not possible.
std::vector<Piece> parked_pieces(const MemoryImage& origin, std::uint64_t stack_pointer, std::uint64_t heap_extent);

// The same pieces, in order, of which neighbours in the same whole are made one where little lies between them, and more of
// them until there are no more than `most`, if that is possible.
std::vector<Piece> joined(std::vector<Piece> pieces, std::span<const Piece> wholes, std::size_t most);

}  // namespace curfew::cell

#endif
