#include "cell/testing/frozen_test_guest.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "cell/testing/cell_fixture.h"

namespace curfew::cell::testing {

namespace {

constexpr std::uint64_t kContent = wire::kPageSize;  // the linked image's content stands behind the header

const GuestImage& linked() { return *linked_test_image()->program; }

// A program's file has to be there, though nothing is mapped from it but one page.
Result<MemoryFile> program_file() {
    auto file = MemoryFile::create("curfew-program", wire::kPageSize);
    if (file) {
        const std::byte mark{0x5a};
        if (auto written = file->write(0, std::span(&mark, 1)); !written) return std::unexpected(written.error());
    }
    return file;
}

std::uint64_t refused_call_entry() {
    static const std::uint64_t entry = ask(*start_cell(linked_test_image()), Order::refused_call_entry);
    return entry;
}

}  // namespace

wire::FrozenHeader frozen_test_header() {
    using wire::FrozenSource;
    wire::FrozenHeader header{};
    std::memcpy(header.magic, wire::kFrozenMagic, sizeof header.magic);
    header.layout = wire::kFrozenLayout;
    header.file_length = kContent + linked().file().size();
    header.program_length = wire::kPageSize;
    header.instruction = linked().entry();
    header.stack_pointer = header.fs_base = wire::kThreadArea;
    header.call_entry = refused_call_entry();
    header.checksum = 1;
    const auto add = [&](wire::FrozenSegment segment) { header.segments[header.segment_count++] = segment; };
    add({.address = 0x400000,
         .length = wire::kPageSize,
         .offset = 0,
         .source = FrozenSource::program,
         .protection = PROT_READ,
         .grows = 0,
         .pad = 0});
    for (const Segment& segment : linked().segments()) {
        const int protection = PROT_READ | (segment.writable ? PROT_WRITE : 0) | (segment.executable ? PROT_EXEC : 0);
        add({.address = segment.address,
             .length = segment.length,
             .offset = kContent + segment.offset,
             .source = FrozenSource::image,
             .protection = static_cast<std::uint32_t>(protection),
             .grows = 0,
             .pad = 0});
    }
    const auto add_zeros = [&](std::uint64_t address, std::uint64_t length) {
        add({.address = address,
             .length = length,
             .offset = 0,
             .source = FrozenSource::zero,
             .protection = PROT_READ | PROT_WRITE,
             .grows = 0,
             .pad = 0});
    };
    add_zeros(wire::kStackTop - kTestSizes.stack, kTestSizes.stack);
    add_zeros(wire::kHeapBase, kTestSizes.heap);
    return header;
}

Result<std::shared_ptr<const GuestImage>> make_frozen_test_guest(const wire::FrozenHeader& header) {
    auto file = MemoryFile::create("curfew-image", kContent + linked().file().size());
    if (!file) return std::unexpected(file.error());
    std::vector<std::byte> content(linked().file().size());
    auto done = linked().file().read(0, content);
    if (done) done = file->write(kContent, content);
    if (done) done = file->write(0, std::as_bytes(std::span(&header, 1)));
    if (done) done = file->seal();
    if (!done) return std::unexpected(done.error());
    auto program = program_file();
    if (!program) return std::unexpected(program.error());
    return GuestImage::from_frozen(std::move(*file), Descriptor(::fcntl(program->descriptor(), F_DUPFD_CLOEXEC, 0)));
}

std::shared_ptr<const MemoryImage> frozen_test_image() {
    static const auto image = [] {
        const auto program = make_frozen_test_guest(frozen_test_header());
        EXPECT_TRUE(program) << program.error().message;
        auto state = initial_state(*program, kTestSizes);
        EXPECT_TRUE(state) << state.error().message;
        return *state;
    }();
    return image;
}

}  // namespace curfew::cell::testing
