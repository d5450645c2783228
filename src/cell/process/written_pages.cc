#include "cell/process/written_pages.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "cell/process/shared/address_space.h"

namespace curfew::cell {

namespace {

// Bits of an entry, from the kernel's Documentation/admin-guide/mm/pagemap.rst.
constexpr std::uint64_t kFileOrShared = 1ULL << 61;
constexpr std::uint64_t kSwapped = 1ULL << 62;
constexpr std::uint64_t kPresent = 1ULL << 63;

bool was_written(std::uint64_t entry) noexcept {
    return (entry & (kPresent | kSwapped)) != 0 && (entry & kFileOrShared) == 0;
}

// PAGEMAP_SCAN, from the same page. Kernel headers before 6.7 do not have it.
struct PageRegion {
    std::uint64_t start, end, categories;
};

struct ScanRequest {
    std::uint64_t size, flags, start, end, walk_end, regions, region_count, max_pages;
    std::uint64_t inverted, all_of, any_of, reported;
};

constexpr unsigned long kScan = _IOWR('f', 16, ScanRequest);
constexpr std::uint64_t kPageIsFile = 1 << 2;
constexpr std::uint64_t kPageIsPresent = 1 << 3;
constexpr std::uint64_t kPageIsSwapped = 1 << 4;

}  // namespace

bool WrittenPages::open() {
    if (way_ != Way::unknown) return way_ != Way::none;
    pagemap_ = Descriptor(::open(("/proc/" + std::to_string(pid_) + "/pagemap").c_str(), O_RDONLY | O_CLOEXEC));
    way_ = pagemap_ ? Way::scan : Way::none;
    const auto nothing = [](std::uint64_t, std::uint64_t) { return true; };
    if (pagemap_ && !scan(kTrampolineBase, kTrampolineBase + wire::kPageSize, nothing)) way_ = Way::read;
    return way_ != Way::none;
}

bool WrittenPages::of_large_ranges() { return open() && way_ == Way::scan; }

bool WrittenPages::each_range(std::uint64_t address, std::uint64_t length, const Visit& visit) {
    if (!open()) return false;
    return way_ == Way::scan ? scan(address, address + length, visit) : read(address, address + length, visit);
}

bool WrittenPages::scan(std::uint64_t address, std::uint64_t end, const Visit& visit) {
    std::array<PageRegion, 64> regions;  // NOLINT(cppcoreguidelines-pro-type-member-init): the kernel fills it
    while (address < end) {
        ScanRequest request{.size = sizeof request,
                            .flags = 0,
                            .start = address,
                            .end = end,
                            .walk_end = 0,
                            .regions = reinterpret_cast<std::uint64_t>(regions.data()),
                            .region_count = regions.size(),
                            .max_pages = 0,
                            .inverted = kPageIsFile,
                            .all_of = kPageIsFile,
                            .any_of = kPageIsPresent | kPageIsSwapped,
                            .reported = kPageIsFile};
        const int count = ::ioctl(pagemap_.get(), kScan, &request);
        if (count < 0 || request.walk_end <= address) return false;
        for (const PageRegion& region : std::span(regions).first(static_cast<std::size_t>(count))) {
            if (!visit(region.start, region.end - region.start)) return false;
        }
        address = request.walk_end;
    }
    return true;
}

bool WrittenPages::read(std::uint64_t address, std::uint64_t end, const Visit& visit) {
    std::array<std::uint64_t, 512> entries{};
    std::uint64_t run_start = address;
    std::uint64_t run_end = address;  // written pages seen last, not yet visited
    while (address < end) {
        const std::size_t count = std::min<std::uint64_t>((end - address) / wire::kPageSize, entries.size());
        const auto wanted = static_cast<ssize_t>(count * sizeof entries[0]);
        const auto offset = static_cast<off_t>(address / wire::kPageSize * sizeof entries[0]);
        if (::pread(pagemap_.get(), entries.data(), static_cast<std::size_t>(wanted), offset) != wanted) return false;
        for (std::size_t i = 0; i < count; ++i, address += wire::kPageSize) {
            if (!was_written(entries[i])) continue;
            if (run_end != address) {
                if (run_end != run_start && !visit(run_start, run_end - run_start)) return false;
                run_start = address;
            }
            run_end = address + wire::kPageSize;
        }
    }
    return run_end == run_start || visit(run_start, run_end - run_start);
}

}  // namespace curfew::cell
