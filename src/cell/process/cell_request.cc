#include "cell/process/cell_request.h"

#include <sys/mman.h>

#include "cell/process/shared/address_space.h"

namespace curfew::cell {

namespace {

// The mailbox; the program's read-only segments; saved data, heap and stack, twice; and the rest of heap and stack.
static_assert(1 + GuestImage::kMaxReadOnlySegments + std::size_t{2} * 3 + 2 <= kMaxMappings);

std::uint64_t page_down(std::uint64_t address) { return address / wire::kPageSize * wire::kPageSize; }

}  // namespace

LaunchRequest cell_request(const MemoryImage& image, const CellOptions& options) {
    constexpr std::uint32_t kReadWrite = PROT_READ | PROT_WRITE;
    LaunchRequest request{};
    request.kind = LaunchKind::spawn;
    request.instruction = image.instruction;
    request.stack_pointer = image.stack_pointer;
    request.coarse_time = options.coarse_time;
    request.leaves_nothing = options.leaves_nothing;
    request.makes_code = image.program->makes_code() ? 1 : 0;
    auto map = [&](std::uint64_t address, std::uint64_t length, std::uint64_t offset, Source source,
                   std::uint32_t protection) {
        if (length != 0) request.mappings[request.mapping_count++] = {address, length, offset, source, protection};
    };
    // First, since a cell that fails later reports in it.
    map(wire::kMailboxBase, wire::kMailboxSize, 0, Source::mailbox, kReadWrite);
    for (const Segment& segment : image.program->segments()) {
        if (segment.writable) continue;
        map(segment.address, segment.length, segment.offset, Source::image,
            static_cast<std::uint32_t>(PROT_READ | (segment.executable ? PROT_EXEC : 0)));
    }
    const std::uint64_t stack_base = wire::kStackTop - image.sizes.stack;
    std::uint64_t heap_saved = 0;
    std::uint64_t stack_saved = 0;
    for (const SavedPiece& piece : image.pieces) {
        map(piece.address, piece.length, piece.offset, Source::state, kReadWrite);
        // From where a reset copies, if it copies.
        if (!options.leaves_nothing) {
            map(piece.address + kPristineOffset, piece.length, piece.offset, Source::state, PROT_READ);
        }
        if (piece.address == wire::kHeapBase) heap_saved = piece.length;
        if (piece.address + piece.length == wire::kStackTop) stack_saved = piece.length;
    }
    map(wire::kHeapBase + heap_saved, image.sizes.heap - heap_saved, 0, Source::anonymous, kReadWrite);
    map(stack_base, image.sizes.stack - stack_saved, 0, Source::anonymous, kReadWrite);
    if (const auto hot = image.hot.ranges()) {
        for (const HotPages::Range& range : *hot) {
            if (request.hot_count < kMaxHotRanges) request.hot[request.hot_count++] = {range.address, range.length};
        }
    }
    return request;
}

const MemoryFile& state_file(const MemoryImage& image) { return image.state ? *image.state : image.program->file(); }

std::shared_ptr<MemoryImage> image_of_parked(const MemoryImage& origin, std::uint64_t stack_pointer,
                                             std::uint64_t heap_extent) {
    if (stack_pointer < wire::kStackTop - origin.sizes.stack || stack_pointer >= wire::kThreadArea ||
        stack_pointer % 8 != 0 || heap_extent > origin.sizes.heap) {
        return nullptr;
    }
    auto saved = std::make_shared<MemoryImage>();
    saved->program = origin.program;
    saved->sizes = origin.sizes;
    saved->stack_pointer = stack_pointer;
    std::uint64_t size = 0;
    auto keep = [&](std::uint64_t address, std::uint64_t length) {
        if (length != 0) saved->pieces.push_back({address, length, size});
        size += length;
    };
    for (const Segment& segment : origin.program->segments()) {
        if (segment.writable) keep(segment.address, segment.length);
    }
    keep(wire::kHeapBase, page_down(heap_extent + wire::kPageSize - 1));
    keep(page_down(stack_pointer), wire::kStackTop - page_down(stack_pointer));
    return saved;
}

}  // namespace curfew::cell
