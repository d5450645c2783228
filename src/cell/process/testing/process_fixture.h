// A process cell with the test guest in it, for tests that know what it is.
#ifndef CURFEW_CELL_PROCESS_TESTING_PROCESS_FIXTURE_H
#define CURFEW_CELL_PROCESS_TESTING_PROCESS_FIXTURE_H

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "cell/process/process_cell.h"
#include "cell/process/shared/address_space.h"
#include "cell/process/shared/handshake_words.h"
#include "cell/testing/cell_fixture.h"

namespace curfew::cell::testing {

inline std::unique_ptr<ProcessCell> make_cell_with(const CellOptions& options,
                                                   std::shared_ptr<const MemoryImage> image = test_image()) {
    auto cell = ProcessCell::spawn(std::move(image), options);
    EXPECT_TRUE(cell) << cell.error().message;
    return std::move(*cell);
}

inline std::unique_ptr<ProcessCell> make_cell(std::shared_ptr<const MemoryImage> image = test_image()) {
    return make_cell_with({}, std::move(image));
}

}  // namespace curfew::cell::testing

#endif
