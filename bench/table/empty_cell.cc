#include "table/empty_cell.h"

#include <span>
#include <utility>

#include "cell/process/process_cell.h"

extern "C" {
extern const unsigned char curfew_bench_empty_guest[];
extern const unsigned char curfew_bench_empty_guest_end[];
}

namespace curfew::bench {

Result<std::unique_ptr<cell::Cell>> make_empty_cell(cell::Handover handover) {
    constexpr cell::MemorySizes kSizes{.heap = 1 << 20, .stack = 64 << 10};
    auto program =
        cell::GuestImage::from_elf(std::as_bytes(std::span(curfew_bench_empty_guest, curfew_bench_empty_guest_end)));
    if (!program) return std::unexpected(std::move(program.error()));
    auto image = cell::initial_state(std::move(*program), kSizes);
    if (!image) return std::unexpected(std::move(image.error()));
    return cell::ProcessCell::spawn(std::move(*image), handover);
}

Result<void> call_empty(cell::Cell& cell) {
    if (cell.resume() == cell::Stop::called_out) return {};
    return std::unexpected(Error{.code = ErrorCode::guest_abort, .message = "the empty guest died: " + cell.death()});
}

}  // namespace curfew::bench
