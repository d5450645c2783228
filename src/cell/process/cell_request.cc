#include "cell/process/cell_request.h"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "cell/process/shared/address_space.h"

namespace curfew::cell {

namespace {

// The mailbox; the program's segments, each of which saved pieces cut in two; and the files once more.
static_assert(1 + GuestImage::kMaxFrozenSegments + 2 * kMaxSavedPieces + 3 <= kMaxMappings);
static_assert(GuestImage::kMaxReadOnlySegments + 3 <= GuestImage::kMaxFrozenSegments);

std::uint64_t page_down(std::uint64_t address) { return address / wire::kPageSize * wire::kPageSize; }
std::uint64_t page_up(std::uint64_t value) { return page_down(value + wire::kPageSize - 1); }

Source source_of(Content content) {
    switch (content) {
        case Content::zero: break;
        case Content::image: return Source::image;
        case Content::program: return Source::program;
        case Content::state: return Source::state;
    }
    return Source::anonymous;
}

std::uint32_t protection(bool writable, bool executable) {
    return static_cast<std::uint32_t>(PROT_READ | (writable ? PROT_WRITE : 0) | (executable ? PROT_EXEC : 0));
}

class Request {
  public:
    explicit Request(LaunchRequest& request) : request_(request) {}

    void map(std::uint64_t address, std::uint64_t length, std::uint64_t offset, Source source,
             std::uint32_t protection) {
        if (length != 0) request_.mappings[request_.mapping_count++] = {address, length, offset, source, protection};
    }

    // What lies in files of the writable memory, once more, from where a reset copies.
    void map_pristine(const MemoryImage& image) {
        for (const Content content : {Content::image, Content::program, Content::state}) {
            std::uint64_t begin = ~std::uint64_t{0};
            std::uint64_t end = 0;
            for (const Piece& piece : image.pieces) {
                if (piece.content != content) continue;
                begin = std::min(begin, piece.offset);
                end = std::max(end, piece.offset + piece.length);
            }
            if (begin < end) map(pristine_base(content) + begin, end - begin, begin, source_of(content), PROT_READ);
        }
    }

  private:
    LaunchRequest& request_;
};

}  // namespace

std::uint64_t pristine_base(Content content) noexcept {
    switch (content) {
        case Content::zero: break;
        case Content::image: return kPristineImage;
        case Content::program: return kPristineProgram;
        case Content::state: return kPristineState;
    }
    return 0;
}

LaunchRequest cell_request(const MemoryImage& image, const CellOptions& options) {
    LaunchRequest request{};
    request.kind = LaunchKind::spawn;
    request.instruction = image.instruction;
    request.stack_pointer = image.stack_pointer;
    request.fs_base = wire::kThreadArea;
    if (const auto& frozen = image.program->frozen()) {
        request.fs_base = frozen->fs_base;
        request.call_entry = frozen->call_entry;
    }
    request.coarse_time = options.coarse_time;
    request.leaves_nothing = options.leaves_nothing;
    Request out(request);
    // First, since a cell that fails later reports in it.
    out.map(wire::kMailboxBase, wire::kMailboxSize, 0, Source::mailbox, PROT_READ | PROT_WRITE);
    for (const Segment& segment : image.program->segments()) {
        if (segment.writable) continue;
        out.map(segment.address, segment.length, segment.offset, source_of(segment.content),
                protection(false, segment.executable));
    }
    for (const Piece& piece : image.pieces) {
        out.map(piece.address, piece.length, piece.offset, source_of(piece.content),
                protection(true, piece.executable));
    }
    if (!options.leaves_nothing) out.map_pristine(image);
    if (const auto hot = image.hot.ranges()) {
        for (const HotPages::Range& range : *hot) {
            if (request.hot_count < kMaxHotRanges) request.hot[request.hot_count++] = {range.address, range.length};
        }
    }
    return request;
}

std::array<int, kLaunchFiles> cell_files(const MemoryImage& image, int mailbox) {
    // A descriptor has to come in each place.
    const int file = image.program->file().descriptor();
    const int program = image.program->program_descriptor();
    return {file, program >= 0 ? program : file, image.state ? image.state->descriptor() : file, mailbox};
}

std::vector<Piece> parked_pieces(const MemoryImage& origin, std::uint64_t stack_pointer, std::uint64_t heap_extent) {
    if (stack_pointer < wire::kStackTop - origin.sizes.stack || stack_pointer >= wire::kThreadArea ||
        stack_pointer % 8 != 0 || heap_extent > origin.sizes.heap) {
        return {};
    }
    std::vector<Piece> pieces;
    for (const Segment& segment : origin.program->segments()) {
        if (segment.writable) pieces.push_back({.address = segment.address, .length = segment.length});
    }
    const std::uint64_t stack = page_down(stack_pointer);
    pieces.push_back({.address = stack, .length = wire::kStackTop - stack});
    if (heap_extent != 0) pieces.push_back({.address = wire::kHeapBase, .length = page_up(heap_extent)});
    return pieces;
}

std::vector<Piece> joined(std::vector<Piece> pieces, std::span<const Piece> wholes, std::size_t most) {
    constexpr std::uint64_t kWorthAMapping = 8 * wire::kPageSize;
    // Between two pieces, if both lie in one whole and so can be joined.
    const auto gap = [&](const Piece& before, const Piece& after) -> std::optional<std::uint64_t> {
        const bool one_whole = std::ranges::any_of(
            wholes, [&](const Piece& whole) { return before.address >= whole.address && after.end() <= whole.end(); });
        if (!one_whole) return std::nullopt;
        return after.address - std::min(after.address, before.end());
    };
    const auto join = [&](std::uint64_t widest) {
        std::vector<Piece> result;
        for (const Piece& piece : pieces) {
            const auto between = result.empty() ? std::nullopt : gap(result.back(), piece);
            if (between && *between <= widest) {
                result.back().length = std::max(result.back().end(), piece.end()) - result.back().address;
            } else {
                result.push_back(piece);
            }
        }
        pieces = std::move(result);
    };
    join(kWorthAMapping);
    if (pieces.size() <= most) return pieces;
    std::vector<std::uint64_t> gaps;
    for (std::size_t i = 1; i < pieces.size(); ++i) {
        if (const auto between = gap(pieces[i - 1], pieces[i])) gaps.push_back(*between);
    }
    const std::size_t needed = std::min(pieces.size() - most, gaps.size());
    if (needed == 0) return pieces;
    std::ranges::nth_element(gaps, gaps.begin() + static_cast<std::ptrdiff_t>(needed - 1));
    join(gaps[needed - 1]);
    return pieces;
}

}  // namespace curfew::cell
