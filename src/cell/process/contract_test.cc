// The contract of cells, kept by process cells.
#include "cell/testing/contract.h"

#include "cell/process/process_cell.h"
#include "cell/testing/frozen_test_guest.h"

namespace curfew::cell::testing {
namespace {

Result<std::unique_ptr<Cell>> make_process_cell(std::shared_ptr<const MemoryImage> image, const CellOptions& options) {
    return ProcessCell::spawn(std::move(image), options);
}

Result<std::unique_ptr<Cell>> make_strict_process_cell(std::shared_ptr<const MemoryImage> image,
                                                       const CellOptions& given) {
    CellOptions options = given;
    options.coarse_time = options.leaves_nothing = true;
    return ProcessCell::spawn(std::move(image), options);
}

Result<std::unique_ptr<Cell>> make_frozen_process_cell(std::shared_ptr<const MemoryImage> image,
                                                       const CellOptions& options) {
    return ProcessCell::spawn(image->program->frozen() ? std::move(image) : frozen_test_image(), options);
}

INSTANTIATE_TEST_SUITE_P(Cells, CellContract,
                         ::testing::Values(BackEndUnderTest{"process", make_process_cell},
                                           BackEndUnderTest{"strict_process", make_strict_process_cell},
                                           BackEndUnderTest{"frozen_process", make_frozen_process_cell, true}),
                         name_of_back_end);

}  // namespace
}  // namespace curfew::cell::testing
