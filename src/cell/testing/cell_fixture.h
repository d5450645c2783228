// The test guest's image, and what a test does with a cell that has it.
#ifndef CURFEW_CELL_TESTING_CELL_FIXTURE_H
#define CURFEW_CELL_TESTING_CELL_FIXTURE_H

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "cell/make_cell.h"
#include "cell/testing/test_guest.h"
#include "embedded/curfew_test_guest_program.h"

namespace curfew::cell::testing {

inline constexpr MemorySizes kTestSizes{.heap = 16 << 20, .stack = 64 << 10};

// The test guest as the static program that it is.
inline std::shared_ptr<const MemoryImage> linked_test_image() {
    static const auto image = [] {
        const auto program = GuestImage::from_elf(embedded::curfew_test_guest_program());
        EXPECT_TRUE(program) << program.error().message;
        auto state = initial_state(*program, kTestSizes);
        EXPECT_TRUE(state) << state.error().message;
        return *state;
    }();
    return image;
}

// As a frozen image; see frozen_test_guest.h.
std::shared_ptr<const MemoryImage> frozen_test_image();

// Tests are run twice, the second time with cells of the frozen image, for which CURFEW_TEST_IMAGE is "frozen" then.
inline bool tests_frozen_image() {
    const char* const name = std::getenv("CURFEW_TEST_IMAGE");
    return name != nullptr && std::string_view(name) == "frozen";
}

// For tests that rest on a refused call being the guest's end. What goes on does what it could do anyway.
#define CURFEW_SKIP_IF_REFUSED_CALLS_GO_ON() \
    if (tests_frozen_image()) GTEST_SKIP() << "refused calls go on in the guest"

inline std::shared_ptr<const MemoryImage> test_image() {
    return tests_frozen_image() ? frozen_test_image() : linked_test_image();
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
