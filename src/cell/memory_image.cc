#include "cell/memory_image.h"

#include <algorithm>
#include <iterator>

#include "cell/failure.h"
#include "wire/frozen_image.h"
#include "wire/layout.h"

namespace curfew::cell {

namespace {

// What of a segment is there in a cell of these sizes.
std::uint64_t mapped_length(const Segment& segment, MemorySizes sizes) {
    return segment.grows ? std::min(segment.length, sizes.heap + wire::kFrozenSlack) : segment.length;
}

// All writable memory of a program before it runs.
std::vector<Piece> initial_pieces(const GuestImage& program, MemorySizes sizes) {
    std::vector<Piece> pieces;
    for (const Segment& segment : program.segments()) {
        if (!segment.writable) continue;
        pieces.push_back({.address = segment.address,
                          .length = mapped_length(segment, sizes),
                          .offset = segment.offset,
                          .content = segment.content,
                          .executable = segment.executable});
    }
    if (!program.frozen()) {
        pieces.push_back({.address = wire::kStackTop - sizes.stack, .length = sizes.stack});
        pieces.push_back({.address = wire::kHeapBase, .length = sizes.heap});
    }
    return pieces;
}

// The part of a piece from an address on, `length` bytes of it.
Piece part(const Piece& whole, std::uint64_t address, std::uint64_t length) {
    Piece piece = whole;
    piece.address = address;
    piece.length = length;
    if (piece.content != Content::zero) piece.offset += address - whole.address;
    return piece;
}

}  // namespace

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
    image->stack_pointer = program->frozen() ? program->frozen()->stack_pointer : wire::kThreadArea;
    image->pieces = initial_pieces(*program, sizes);
    image->program = std::move(program);
    return image;
}

std::shared_ptr<MemoryImage> saved_state(std::shared_ptr<const GuestImage> program, MemorySizes sizes,
                                         std::uint64_t stack_pointer, std::span<const Piece> saved) {
    if (saved.empty() || saved.size() > kMaxSavedPieces) return nullptr;
    auto image = std::make_shared<MemoryImage>();
    image->sizes = sizes;
    image->stack_pointer = stack_pointer;
    std::uint64_t offset = 0;
    for (const Piece& whole : initial_pieces(*program, sizes)) {
        std::uint64_t done = whole.address;
        while (!saved.empty() && saved.front().address < whole.end()) {
            const Piece& piece = saved.front();
            if (piece.address < done || piece.length == 0 || piece.length > whole.end() - piece.address) return nullptr;
            if (piece.address > done) image->pieces.push_back(part(whole, done, piece.address - done));
            image->pieces.push_back({.address = piece.address,
                                     .length = piece.length,
                                     .offset = offset,
                                     .content = Content::state,
                                     .executable = whole.executable});
            offset += piece.length;
            done = piece.end();
            saved = saved.subspan(1);
        }
        if (done < whole.end()) image->pieces.push_back(part(whole, done, whole.end() - done));
    }
    if (!saved.empty()) return nullptr;
    image->program = std::move(program);
    return image;
}

std::vector<Piece> saved_pieces(const MemoryImage& image) {
    std::vector<Piece> saved;
    std::ranges::copy_if(image.pieces, std::back_inserter(saved),
                         [](const Piece& piece) { return piece.content == Content::state; });
    return saved;
}

}  // namespace curfew::cell
