#include "cell/guest_image.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "base/text.h"
#include "cell/failure.h"
#include "wire/layout.h"

namespace curfew::cell {

namespace {

std::unexpected<Error> malformed(const char* why) {
    return fail(ErrorCode::internal, std::string("the guest image is malformed: ") + why);
}

// Copies a structure out of the file; nothing if it lies outside.
template <typename T>
std::optional<T> read_at(std::span<const std::byte> file, std::uint64_t offset) {
    if (offset > file.size() || file.size() - offset < sizeof(T)) return std::nullopt;
    T value{};
    std::memcpy(&value, file.data() + offset, sizeof value);
    return value;
}

std::uint64_t page_up(std::uint64_t value) { return (value + wire::kPageSize - 1) / wire::kPageSize * wire::kPageSize; }

std::string read_build_id(std::span<const std::byte> note) {
    const auto header = read_at<Elf64_Nhdr>(note, 0);
    if (!header || header->n_type != NT_GNU_BUILD_ID) return {};
    const std::uint64_t start = sizeof(Elf64_Nhdr) + (std::uint64_t{header->n_namesz} + 3) / 4 * 4;
    if (start > note.size() || note.size() - start < header->n_descsz) return {};
    return base::hexadecimal(note.subspan(start, header->n_descsz));
}

}  // namespace

Result<std::shared_ptr<const GuestImage>> GuestImage::from_elf(std::span<const std::byte> elf) {
    const auto header = read_at<Elf64_Ehdr>(elf, 0);
    if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return malformed("it is not an ELF file");
    if (header->e_type != ET_EXEC || header->e_machine != EM_X86_64) return malformed("it is not a static program");

    std::vector<Segment> segments;
    std::vector<Elf64_Phdr> loads;
    std::string build_id;
    std::uint64_t end = wire::kImageBase;
    for (unsigned i = 0; i < header->e_phnum; ++i) {
        const std::uint64_t offset = header->e_phoff + i * sizeof(Elf64_Phdr);
        const auto program = read_at<Elf64_Phdr>(elf, offset);
        if (!program || offset < header->e_phoff) return malformed("its program headers lie outside of it");
        if (program->p_offset > elf.size() || elf.size() - program->p_offset < program->p_filesz) {
            return malformed("a segment lies outside of it");
        }
        if (program->p_type == PT_NOTE) build_id = read_build_id(elf.subspan(program->p_offset, program->p_filesz));
        if (program->p_type != PT_LOAD || program->p_memsz == 0) continue;
        if (program->p_vaddr % wire::kPageSize != 0 || program->p_vaddr < end || program->p_vaddr > wire::kImageLimit ||
            program->p_memsz > wire::kImageLimit - program->p_vaddr || program->p_filesz > program->p_memsz) {
            return malformed("a segment is not where the layout wants it");
        }
        const Segment segment{.address = program->p_vaddr,
                              .length = page_up(program->p_memsz),
                              .offset = program->p_vaddr - wire::kImageBase,
                              .writable = (program->p_flags & PF_W) != 0,
                              .executable = (program->p_flags & PF_X) != 0};
        if (segment.writable && segment.executable) return malformed("a segment is both writable and executable");
        end = segment.address + segment.length;
        segments.push_back(segment);
        loads.push_back(*program);
    }
    const auto writable = std::ranges::count_if(segments, &Segment::writable);
    if (writable > 1) return malformed("it has two writable segments");
    if (segments.size() - static_cast<std::size_t>(writable) > kMaxReadOnlySegments) {
        return malformed("it has too many segments");
    }
    const bool entry_is_code = std::ranges::any_of(segments, [&](const Segment& segment) {
        return segment.executable && header->e_entry >= segment.address &&
               header->e_entry < segment.address + segment.length;
    });
    if (!entry_is_code) return malformed("its entry is not in its text");

    auto file = MemoryFile::create("curfew-image", end - wire::kImageBase);
    if (!file) return std::unexpected(file.error());
    for (const Elf64_Phdr& load : loads) {
        const auto written = file->write(load.p_vaddr - wire::kImageBase, elf.subspan(load.p_offset, load.p_filesz));
        if (!written) return std::unexpected(written.error());
    }
    if (const auto sealed = file->seal(); !sealed) return std::unexpected(sealed.error());
    return std::shared_ptr<const GuestImage>(
        new GuestImage(std::move(*file), {}, std::move(segments), header->e_entry, std::nullopt, std::move(build_id)));
}

}  // namespace curfew::cell
