#include "guest/node/image_writer.h"

#include <asm/unistd.h>
#include <string.h>

#include "guest/node/system.h"

namespace curfew::guest {

using wire::FrozenSegment;
using wire::FrozenSource;
using wire::kPageSize;

namespace {

// Between two pieces of the program's file that lie in memory as they lie in the file: so much is mapped along with them.
constexpr uint64_t kLargestHole = uint64_t{4} << 20;

bool is_zero(const unsigned char* page) {
    const auto* const words = reinterpret_cast<const uint64_t*>(page);
    for (size_t i = 0; i < kPageSize / sizeof(uint64_t); i += 4) {
        if ((words[i] | words[i + 1] | words[i + 2] | words[i + 3]) != 0) return false;
    }
    return true;
}

}  // namespace

void ImageWriter::start() {
    header_ = {};
    end_ = kPageSize;
    kernel_call(__NR_ftruncate, file_, 0);
}

bool ImageWriter::add_zeros(uint64_t address, uint64_t length, uint32_t protection, bool grows) {
    return add({.address = address,
                .length = length,
                .offset = 0,
                .source = FrozenSource::zero,
                .protection = protection,
                .grows = grows ? 1U : 0U,
                .pad = 0});
}

bool ImageWriter::add_program(uint64_t address, uint64_t length, uint32_t protection, uint64_t offset) {
    return add({.address = address,
                .length = length,
                .offset = offset,
                .source = FrozenSource::program,
                .protection = protection,
                .grows = 0,
                .pad = 0});
}

// Pages that are zero are holes in the file.
bool ImageWriter::add_content(uint64_t address, uint64_t length, uint32_t protection, const void* content) {
    const FrozenSegment segment{.address = address,
                                .length = length,
                                .offset = end_,
                                .source = FrozenSource::image,
                                .protection = protection,
                                .grows = 0,
                                .pad = 0};
    if (!add(segment)) return false;
    const auto* const bytes = static_cast<const unsigned char*>(content);
    for (uint64_t at = 0; at < length;) {
        if (is_zero(bytes + at)) {
            at += kPageSize;
            continue;
        }
        uint64_t to = at + kPageSize;
        while (to < length && !is_zero(bytes + to)) to += kPageSize;
        write(bytes + at, to - at, end_ + at);
        at = to;
    }
    end_ += length;
    return true;
}

bool ImageWriter::joins(const FrozenSegment& last, const FrozenSegment& next) const {
    if (last.source != next.source || last.protection != next.protection || last.grows != next.grows) return false;
    const uint64_t hole = next.address - (last.address + last.length);
    if (next.source == FrozenSource::program) {
        return hole <= kLargestHole && next.address - last.address == next.offset - last.offset;
    }
    return hole == 0 && (next.source == FrozenSource::zero || last.offset + last.length == next.offset);
}

bool ImageWriter::add(const FrozenSegment& segment) {
    if (segment.length == 0) return true;
    if (header_.segment_count > 0) {
        FrozenSegment& last = header_.segments[header_.segment_count - 1];
        if (segment.address < last.address + last.length) stop_freezing("the process's map of memory is in disorder");
        if (joins(last, segment)) {
            last.length = segment.address + segment.length - last.address;
            return true;
        }
    }
    if (header_.segment_count == wire::kMaxFrozenSegments) return false;
    header_.segments[header_.segment_count++] = segment;
    return true;
}

void ImageWriter::write(const void* from, uint64_t length, uint64_t offset) const {
    for (uint64_t done = 0; done < length;) {
        const long written = kernel_call(__NR_pwrite64, file_, word(static_cast<const char*>(from) + done),
                                         static_cast<long>(length - done), static_cast<long>(offset + done));
        if (written <= 0) stop_freezing("the image cannot be written (error %ld)", -written);
        done += static_cast<uint64_t>(written);
    }
}

void ImageWriter::finish(const Start& start) {
    memcpy(header_.magic, wire::kFrozenMagic, sizeof(header_.magic));
    header_.layout = wire::kFrozenLayout;
    header_.file_length = end_;
    header_.program_length = start.program_length;
    header_.instruction = start.instruction;
    header_.stack_pointer = start.stack_pointer;
    header_.fs_base = start.fs_base;
    header_.call_entry = start.call_entry;
    write(&header_, sizeof(header_), 0);
    if (const long failed = kernel_call(__NR_ftruncate, file_, static_cast<long>(end_)); failed < 0) {
        stop_freezing("the image cannot be written (error %ld)", -failed);
    }
}

}  // namespace curfew::guest
