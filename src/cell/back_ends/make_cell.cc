#include "cell/make_cell.h"

#include <utility>

#include "cell/process/launcher_program.h"
#include "cell/process/process_cell.h"

namespace curfew::cell {

Result<std::unique_ptr<Cell>> make_cell(std::shared_ptr<const MemoryImage> image, const CellOptions& options) {
    return ProcessCell::spawn(std::move(image), options);
}

const BackEndIdentity& back_end() {
    static const BackEndIdentity identity{.name = "process", .checksum = launcher_checksum()};
    return identity;
}

}  // namespace curfew::cell
