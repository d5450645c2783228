#include "guest/node/frozen_memory.h"

#include <asm/unistd.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "guest/node/pages.h"
#include "guest/node/system.h"
#include "guest/node/vdso.h"
#include "guest/platform/memory.h"

namespace curfew::guest {

using wire::kPageSize;

namespace {

// Where the freezer's own memory lies, which is no part of the image.
constexpr uint64_t kScratch = wire::kFrozenForbiddenBase;
constexpr uint64_t kScratchSize = uint64_t{1} << 30;
constexpr uint64_t kProgramCopy = kScratch + kScratchSize;
constexpr size_t kMapsSize = size_t{1} << 20;
constexpr size_t kVdsoSize = size_t{1} << 16;
constexpr size_t kEntries = 4096;

struct Scratch {
    char maps[kMapsSize];
    alignas(kPageSize) unsigned char vdso[kVdsoSize];
    uint64_t entries[kEntries];
    uint8_t kinds[];  // of a region's pages
};

struct Region {
    uint64_t begin;
    uint64_t end;
    uint32_t protection;
    uint64_t offset;
    uint64_t inode;  // 0: memory of no file
    unsigned major, minor;
    const char* name;
    bool is_programs;  // from the program's file

    bool is_anonymous() const { return inode == 0; }
    bool is_same_file(const Region& other) const {
        return !is_anonymous() && inode == other.inode && major == other.major && minor == other.minor;
    }
};

enum Kind : uint8_t { kZero, kContent, kProgram };

Scratch* scratch;

Scratch& make_scratch() {
    if (!scratch) {
        const long made = kernel_call(__NR_mmap, kScratch, kScratchSize, PROT_READ | PROT_WRITE,
                                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
        if (made < 0) stop_freezing("the system has no memory for the freeze (error %ld)", -made);
        scratch = reinterpret_cast<Scratch*>(made);
    }
    return *scratch;
}

int open_of_process(const char* path) {
    const long opened = kernel_call(__NR_openat, AT_FDCWD, word(path), O_RDONLY | O_CLOEXEC);
    if (opened < 0) stop_freezing("%s cannot be read (error %ld)", path, -opened);
    return static_cast<int>(opened);
}

char* read_maps() {
    char* const text = make_scratch().maps;
    const int file = open_of_process("/proc/self/maps");
    size_t size = 0;
    for (long got = 0;
         (got = kernel_call(__NR_read, file, word(text + size), static_cast<long>(kMapsSize - 1 - size))) > 0;) {
        size += static_cast<size_t>(got);
    }
    kernel_call(__NR_close, file);
    text[size] = '\0';
    return text;
}

// Takes the first line off.
bool next_region(char*& text, Region& region) {
    char* const end = strchr(text, '\n');
    if (!end) return false;
    *end = '\0';
    char access[5] = {};
    int name = 0;
    if (sscanf(text, "%lx-%lx %4s %lx %x:%x %lu %n", &region.begin, &region.end, access, &region.offset, &region.major,
               &region.minor, &region.inode, &name) < 7) {
        stop_freezing("the process's map of memory has a line that makes no sense: %s", text);
    }
    region.name = text + name;
    region.protection = (access[0] == 'r' ? PROT_READ : 0U) | (access[1] == 'w' ? PROT_WRITE : 0U) |
                        (access[2] == 'x' ? PROT_EXEC : 0U);
    if (access[3] == 's') stop_freezing("the process shares memory with others: %s", region.name);
    text = end + 1;
    return true;
}

// The kernel's word for each page of a region: whether it is there, and whether it is still its file's.
class PageStates {
  public:
    explicit PageStates(const Region& region)
        : file_(open_of_process("/proc/self/pagemap")), first_(region.begin / kPageSize) {}
    PageStates(const PageStates&) = delete;
    PageStates& operator=(const PageStates&) = delete;
    ~PageStates() { kernel_call(__NR_close, file_); }

    // Of the process's own, and not a file's. REQUIRES: asked for in order.
    bool is_own(size_t page) {
        if (page % kEntries == 0) {
            const long got = kernel_call(__NR_pread64, file_, word(scratch->entries), sizeof(scratch->entries),
                                         static_cast<long>((first_ + page) * sizeof(uint64_t)));
            if (got <= 0) stop_freezing("the process's page map cannot be read (error %ld)", -got);
        }
        const uint64_t state = scratch->entries[page % kEntries];
        return (state & (kPresent | kSwapped)) != 0 && (state & kOfFile) == 0;
    }

  private:
    static constexpr uint64_t kPresent = uint64_t{1} << 63;
    static constexpr uint64_t kSwapped = uint64_t{1} << 62;
    static constexpr uint64_t kOfFile = uint64_t{1} << 61;

    int file_;
    uint64_t first_;
};

bool is_zero_page(const unsigned char* page) { return page[0] == 0 && memcmp(page, page + 1, kPageSize - 1) == 0; }

Kind kind_of(const Region& region, const Program& program, size_t page, bool is_own) {
    const auto* const bytes = reinterpret_cast<const unsigned char*>(region.begin + page * kPageSize);
    if (region.is_programs) {
        const uint64_t offset = region.offset + page * kPageSize;
        const bool whole = offset + kPageSize <= program.length;
        if (!is_own || (whole && memcmp(bytes, program.bytes + offset, kPageSize) == 0)) return kProgram;
        return kContent;
    }
    if (!region.is_anonymous()) return kContent;
    return is_own && !is_zero_page(bytes) ? kContent : kZero;
}

// Short pieces around and between content become content, so that they are no segments of their own.
void close_gaps(uint8_t* kinds, size_t pages, size_t gap) {
    if (!memchr(kinds, kContent, pages)) return;
    size_t after_content = 0;
    for (size_t page = 0; page <= pages; ++page) {
        if (page < pages && kinds[page] != kContent) continue;
        if (page - after_content < gap) memset(kinds + after_content, kContent, page - after_content);
        after_content = page + 1;
    }
}

bool add_run(ImageWriter& writer, const Region& region, size_t from, size_t to, uint8_t kind) {
    const uint64_t address = region.begin + from * kPageSize;
    const uint64_t length = (to - from) * kPageSize;
    switch (kind) {
        case kZero: return writer.add_zeros(address, length, region.protection, false);
        case kProgram: return writer.add_program(address, length, region.protection, region.offset + from * kPageSize);
        default: return writer.add_content(address, length, region.protection, reinterpret_cast<const void*>(address));
    }
}

bool write_region(ImageWriter& writer, const Region& region, const Program& program, size_t gap) {
    const size_t pages = (region.end - region.begin) / kPageSize;
    uint8_t* const kinds = scratch->kinds;
    if (pages > kScratchSize - sizeof(Scratch))
        stop_freezing("a piece of the process's memory is too large: %s", region.name);
    {
        PageStates states(region);
        for (size_t page = 0; page < pages; ++page) kinds[page] = kind_of(region, program, page, states.is_own(page));
    }
    close_gaps(kinds, pages, gap);
    for (size_t from = 0; from < pages;) {
        size_t to = from + 1;
        while (to < pages && kinds[to] == kinds[from]) ++to;
        if (!add_run(writer, region, from, to, kinds[from])) return false;
        from = to;
    }
    return true;
}

// What of the region lies behind `used_end` grows in cells.
bool write_growing(ImageWriter& writer, Region region, uint64_t used_end, const Program& program, size_t gap) {
    const uint64_t end = region.end;
    if (region.begin < used_end) {
        if (region.end > used_end) region.end = used_end;
        if (!write_region(writer, region, program, gap)) return false;
        region.begin = region.end;
    }
    return region.begin >= end || writer.add_zeros(region.begin, end - region.begin, region.protection, true);
}

bool write_vdso(ImageWriter& writer, const Region& region) {
    const uint64_t size = region.end - region.begin;
    if (size > kVdsoSize) stop_freezing("the kernel's code in the process is larger than expected");
    memcpy(scratch->vdso, reinterpret_cast<const void*>(region.begin), size);
    make_system_calls(scratch->vdso, size);
    return writer.add_content(region.begin, size, region.protection, scratch->vdso);
}

uint64_t page_up(uint64_t value) { return (value + kPageSize - 1) & ~(kPageSize - 1); }

bool is_left_out(const Region& region) {
    const bool is_scratch = region.begin >= kScratch && region.begin < wire::kFrozenForbiddenLimit;
    // The kernel's data pages, which no process can give to another.
    const bool is_kernels = strncmp(region.name, "[v", 2) == 0;
    return is_scratch || is_kernels || region.protection == 0;
}

}  // namespace

Program open_program() {
    const int file = open_of_process("/proc/self/exe");
    struct stat status{};
    if (const long failed = kernel_call(__NR_fstat, file, word(&status)); failed < 0) {
        stop_freezing("the program's own file cannot be read (error %ld)", -failed);
    }
    const auto length = static_cast<uint64_t>(status.st_size);
    const long made = kernel_call(__NR_mmap, kProgramCopy, static_cast<long>(length), PROT_READ,
                                  MAP_PRIVATE | MAP_FIXED_NOREPLACE, file, 0);
    if (made < 0) stop_freezing("the program's own file cannot be mapped (error %ld)", -made);
    kernel_call(__NR_close, file);
    return {.bytes = reinterpret_cast<const unsigned char*>(made), .length = length};
}

bool write_memory(ImageWriter& writer, const Program& program, size_t gap) {
    // The system puts the program's headers where it says, in the first of the program's pieces.
    const uint64_t headers = getauxval(AT_PHDR);
    Region first{};
    char* text = read_maps();
    for (Region region{}; next_region(text, region);) {
        if (headers >= region.begin && headers < region.end) first = region;
        region.is_programs = region.is_same_file(first);
        if (strcmp(region.name, "[vdso]") == 0) {
            if (!write_vdso(writer, region)) return false;
            continue;
        }
        if (is_left_out(region)) continue;
        // Constants and unwind tables become one piece with the code around them.
        if (region.protection == PROT_READ && !region.is_anonymous()) region.protection |= PROT_EXEC;
        bool added = false;
        if (region.begin >= wire::kFrozenArenaBase && region.begin < wire::kFrozenArenaBase + wire::kFrozenArenaSize) {
            added = write_growing(writer, region, wire::kFrozenArenaBase + extent_of_pages(), program, gap);
        } else if (region.begin == wire::kFrozenHeapBase) {
            added = write_growing(writer, region, wire::kFrozenHeapBase + page_up(heap.extent()), program, gap);
        } else {
            added = write_region(writer, region, program, gap);
        }
        if (!added) return false;
    }
    return true;
}

}  // namespace curfew::guest
