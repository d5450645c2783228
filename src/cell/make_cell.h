// The door to the back ends: who wants a cell comes in here, and names none of them.
#ifndef CURFEW_CELL_MAKE_CELL_H
#define CURFEW_CELL_MAKE_CELL_H

#include <cstdint>
#include <memory>
#include <string_view>

#include <curfew/error.h>

#include "cell/cell.h"
#include "cell/memory_image.h"

namespace curfew::cell {

// A cell in the state of `image`, parked. It may still be setting itself up when this returns; if that fails, as it may for
// want of memory, the first resume() says so. Fails with `unavailable` where cells cannot be made. Thread-safe.
Result<std::unique_ptr<Cell>> make_cell(std::shared_ptr<const MemoryImage> image, const CellOptions& options);

// Which back end makes cells, and which build of it. What a parked guest goes on in is the back end's code, so a saved
// state is of use only to one with the same checksum.
struct BackEndIdentity {
    std::string_view name;   // "process"
    std::uint64_t checksum;  // of all the code that it brings into a cell

    friend bool operator==(const BackEndIdentity&, const BackEndIdentity&) = default;
};

// Thread-safe.
const BackEndIdentity& back_end();

}  // namespace curfew::cell

#endif
