#include "table/empty_cell.h"

#include <utility>

#include "cell/make_cell.h"
#include "embedded/curfew_bench_empty_guest.h"

namespace curfew::bench {

Result<std::unique_ptr<cell::Cell>> make_empty_cell(cell::Handover handover) {
    constexpr cell::MemorySizes kSizes{.heap = 1 << 20, .stack = 64 << 10};
    auto program = cell::GuestImage::from_elf(embedded::curfew_bench_empty_guest());
    if (!program) return std::unexpected(std::move(program.error()));
    auto image = cell::initial_state(std::move(*program), kSizes);
    if (!image) return std::unexpected(std::move(image.error()));
    return cell::make_cell(std::move(*image), {.handover = handover});
}

Result<void> call_empty(cell::Cell& cell) {
    if (cell.resume() == cell::Stop::called_out) return {};
    return std::unexpected(
        Error{.code = ErrorCode::guest_abort, .message = "the empty guest died: " + cell.death().text});
}

}  // namespace curfew::bench
