// The contract that every back end passes: what cell.h promises, tried from outside with the test guest.
//
// A back end's test program is made of the contract's sources (CMake's list `cell_contract`) and of a file that instantiates
// it:
//
// `make` may add options of its own to those that it is given, so that the contract is also tried with these.
//
//     INSTANTIATE_TEST_SUITE_P(Cells, CellContract, ::testing::Values(BackEndUnderTest{"process", make}), name_of_back_end);
#ifndef CURFEW_CELL_TESTING_CONTRACT_H
#define CURFEW_CELL_TESTING_CONTRACT_H

#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include "cell/cell.h"
#include "cell/make_cell.h"
#include "cell/testing/cell_fixture.h"

namespace curfew::cell::testing {

struct BackEndUnderTest {
    const char* name;
    Result<std::unique_ptr<Cell>> (*make)(std::shared_ptr<const MemoryImage> image, const CellOptions& options);
    bool frozen = false;  // it makes cells of the test guest's frozen image, whichever it is given

    friend void PrintTo(const BackEndUnderTest& back_end, std::ostream* out) { *out << back_end.name; }
};

inline std::string name_of_back_end(const ::testing::TestParamInfo<BackEndUnderTest>& test) { return test.param.name; }

class CellContract : public ::testing::TestWithParam<BackEndUnderTest> {
  protected:
    static std::unique_ptr<Cell> make_cell(std::shared_ptr<const MemoryImage> image = test_image(),
                                           const CellOptions& options = {}) {
        auto cell = GetParam().make(std::move(image), options);
        EXPECT_TRUE(cell) << cell.error().message;
        return std::move(*cell);
    }
};

}  // namespace curfew::cell::testing

#endif
