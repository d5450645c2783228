// Frozen images: what a process wrote of itself is checked before cells are made of it.
#include "wire/frozen_image.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <string>

#include "base/text.h"
#include "cell/failure.h"
#include "cell/guest_image.h"

namespace curfew::cell {

namespace {

using wire::FrozenHeader;
using wire::FrozenSegment;
using wire::FrozenSource;

std::unexpected<Error> malformed(const std::string& why) {
    return fail(ErrorCode::invalid_argument, "the frozen image is malformed: " + why);
}

struct Place {
    std::uint64_t begin, end;
};

// Where nothing of a frozen guest may lie: what is the launcher's, the back end's and the host's, and below the first address
// that the kernel lets be mapped. A guest's own pages below the launcher are dropped by calls that the filter knows by their bounds.
constexpr Place kNotTheGuests[] = {{0, 0x10000},
                                   {wire::kFrozenProgramLimit, wire::kImageBase},
                                   {wire::kFrozenForbiddenBase, wire::kFrozenForbiddenLimit},
                                   {wire::kFrozenAddressLimit, ~std::uint64_t{0}}};

bool whole_pages(std::uint64_t value) { return value % wire::kPageSize == 0; }

bool is_place_for(const FrozenSegment& segment) {
    if (!whole_pages(segment.address) || !whole_pages(segment.length) || segment.length == 0) return false;
    if (segment.length > wire::kFrozenAddressLimit || segment.address > wire::kFrozenAddressLimit) return false;
    const std::uint64_t end = segment.address + segment.length;
    return std::ranges::none_of(kNotTheGuests,
                                [&](const Place& place) { return segment.address < place.end && end > place.begin; });
}

// The last page of a program's file need not be whole.
bool has_content(const FrozenSegment& segment, std::uint64_t image_length, std::uint64_t program_length) {
    const auto lies_in = [&](std::uint64_t length) {
        const std::uint64_t pages = (length + wire::kPageSize - 1) / wire::kPageSize * wire::kPageSize;
        return whole_pages(segment.offset) && segment.offset <= pages && segment.length <= pages - segment.offset;
    };
    switch (segment.source) {
        case FrozenSource::zero: return segment.offset == 0;
        case FrozenSource::image: return segment.offset >= wire::kPageSize && lies_in(image_length);
        case FrozenSource::program: return lies_in(program_length);
    }
    return false;
}

Content content_of(FrozenSource source) {
    switch (source) {
        case FrozenSource::zero: break;
        case FrozenSource::image: return Content::image;
        case FrozenSource::program: return Content::program;
    }
    return Content::zero;
}

bool lies_in(std::span<const Segment> segments, std::uint64_t address, bool Segment::* kind) {
    return std::ranges::any_of(segments, [&](const Segment& segment) {
        return segment.*kind && address >= segment.address && address - segment.address < segment.length;
    });
}

}  // namespace

Result<std::shared_ptr<const GuestImage>> GuestImage::from_frozen(MemoryFile image, Descriptor program) {
    FrozenHeader header{};
    if (image.size() < wire::kPageSize) return malformed("it is too short");
    if (auto read = image.read(0, std::as_writable_bytes(std::span(&header, 1))); !read) {
        return std::unexpected(read.error());
    }
    if (std::memcmp(header.magic, wire::kFrozenMagic, sizeof header.magic) != 0) return malformed("it is none");
    if (header.layout != wire::kFrozenLayout) return malformed("it has another layout");
    if (header.segment_count == 0 || header.segment_count > wire::kMaxFrozenSegments) {
        return malformed("it has no segments, or too many");
    }
    struct stat status{};
    if (::fstat(program.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
        static_cast<std::uint64_t>(status.st_size) != header.program_length) {
        return malformed("its program's file has another size");
    }
    std::vector<Segment> segments;
    std::uint64_t end = 0;
    for (const FrozenSegment& segment : std::span(header.segments).first(header.segment_count)) {
        if (!is_place_for(segment) || segment.address < end) return malformed("a segment lies where it must not");
        if (!has_content(segment, image.size(), header.program_length)) return malformed("a segment has no content");
        if (segment.grows > 1 || (segment.grows == 1 && segment.source != FrozenSource::zero)) {
            return malformed("a segment with content grows");
        }
        if ((segment.protection & PROT_READ) == 0 ||
            (segment.protection & ~static_cast<std::uint32_t>(PROT_READ | PROT_WRITE | PROT_EXEC)) != 0) {
            return malformed("a segment has an unknown protection");
        }
        end = segment.address + segment.length;
        segments.push_back({.address = segment.address,
                            .length = segment.length,
                            .offset = segment.offset,
                            .content = content_of(segment.source),
                            .writable = (segment.protection & PROT_WRITE) != 0,
                            .executable = (segment.protection & PROT_EXEC) != 0,
                            .grows = segment.grows == 1});
    }
    if (!lies_in(segments, header.instruction, &Segment::executable) ||
        !lies_in(segments, header.call_entry, &Segment::executable) ||
        !lies_in(segments, header.stack_pointer, &Segment::writable) ||
        !lies_in(segments, header.fs_base, &Segment::writable)) {
        return malformed("its registers lead nowhere");
    }
    std::string build_id = base::hexadecimal(std::as_bytes(std::span(header.key))) +
                           base::hexadecimal(std::as_bytes(std::span(&header.checksum, 1)));
    const Frozen frozen{
        .stack_pointer = header.stack_pointer, .fs_base = header.fs_base, .call_entry = header.call_entry};
    return std::shared_ptr<const GuestImage>(new GuestImage(std::move(image), std::move(program), std::move(segments),
                                                            header.instruction, frozen, std::move(build_id)));
}

}  // namespace curfew::cell
