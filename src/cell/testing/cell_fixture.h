// The test guest's image, and what a test does with a cell that has it.
#ifndef CURFEW_CELL_TESTING_CELL_FIXTURE_H
#define CURFEW_CELL_TESTING_CELL_FIXTURE_H

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

#include "cell/make_cell.h"
#include "cell/testing/test_guest.h"
#include "embedded/curfew_test_guest_program.h"

namespace curfew::cell::testing {

inline constexpr MemorySizes kTestSizes{.heap = 16 << 20, .stack = 64 << 10};

inline std::shared_ptr<const MemoryImage> test_image() {
    static const auto image = [] {
        const auto program = GuestImage::from_elf(embedded::curfew_test_guest_program());
        EXPECT_TRUE(program) << program.error().message;
        auto state = initial_state(*program, kTestSizes);
        EXPECT_TRUE(state) << state.error().message;
        return *state;
    }();
    return image;
}

inline std::unique_ptr<Cell> start_cell(std::shared_ptr<const MemoryImage> image) {
    auto cell = make_cell(std::move(image), {});
    EXPECT_TRUE(cell) << cell.error().message;
    return std::move(*cell);
}

inline Stop order(Cell& cell, Order what, std::uint64_t argument = 0) {
    cell.mailbox().message = {.kind = static_cast<std::uint16_t>(wire::MessageKind::call),
                              .flags = 0,
                              .request = 0,
                              .value = static_cast<std::uint32_t>(what),
                              .chunk = 0,
                              .name_length = 0,
                              .length = argument};
    return cell.resume();
}

// For orders that answer a number.
inline std::uint64_t ask(Cell& cell, Order what, std::uint64_t argument = 0) {
    EXPECT_EQ(order(cell, what, argument), Stop::called_out) << cell.death().text;
    return cell.mailbox().message.name_length;
}

template <typename T>
void put_in_window(Cell& cell, const T& value) {
    static_assert(sizeof value <= wire::kWindowSize);
    std::memcpy(cell.window().data(), &value, sizeof value);
}

template <typename T>
T take_from_window(Cell& cell) {
    T value;
    std::memcpy(&value, cell.window().data(), sizeof value);
    return value;
}

// A number that the guest counts in its memory: 1 in a cell that was just made or reset, and works.
inline std::uint64_t count(Cell& cell) { return ask(cell, Order::count); }

}  // namespace curfew::cell::testing

#endif
