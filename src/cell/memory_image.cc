#include "cell/memory_image.h"

#include "cell/failure.h"
#include "wire/layout.h"

namespace curfew::cell {

Result<std::shared_ptr<const MemoryImage>> initial_state(std::shared_ptr<const GuestImage> program, MemorySizes sizes) {
    if (sizes.heap == 0 || sizes.heap % wire::kPageSize != 0 || sizes.heap > wire::kMaxHeapSize) {
        return fail(ErrorCode::invalid_argument, "a cell's heap is whole pages of 4 KiB, 64 GiB at most");
    }
    if (sizes.stack < 2 * wire::kPageSize || sizes.stack % wire::kPageSize != 0 || sizes.stack > wire::kMaxStackSize) {
        return fail(ErrorCode::invalid_argument, "a cell's stack is whole pages of 4 KiB, 8 KiB to 64 MiB");
    }
    auto image = std::make_shared<MemoryImage>();
    image->sizes = sizes;
    image->instruction = program->entry();
    image->stack_pointer = wire::kThreadArea;
    for (const Segment& segment : program->segments()) {
        if (segment.writable) image->pieces.push_back({segment.address, segment.length, segment.offset});
    }
    image->program = std::move(program);
    return image;
}

}  // namespace curfew::cell
