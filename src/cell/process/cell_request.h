// What the memory of a process cell is made of: what to ask the launcher for, and what to save.
#ifndef CURFEW_CELL_PROCESS_CELL_REQUEST_H
#define CURFEW_CELL_PROCESS_CELL_REQUEST_H

#include <cstdint>
#include <memory>

#include "cell/cell.h"
#include "cell/memory_image.h"
#include "cell/process/shared/launch.h"

namespace curfew::cell {

// For a cell in the state of `image`.
LaunchRequest cell_request(const MemoryImage& image, const CellOptions& options);

// The file that the image's pieces lie in.
const MemoryFile& state_file(const MemoryImage& image);

// The state of a parked guest that started from `origin`, yet without a file: where its stack and its heap end by its own
// account. Null if that is not possible.
std::shared_ptr<MemoryImage> image_of_parked(const MemoryImage& origin, std::uint64_t stack_pointer,
                                             std::uint64_t heap_extent);

}  // namespace curfew::cell

#endif
