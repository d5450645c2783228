#include "cell/process/written_pages.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

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

// The number in the field of /proc/PID/stat that so many fields stand before, counted from behind the command's name.
std::optional<std::uint64_t> field(std::string_view text, unsigned before) {
    for (unsigned i = 0; i <= before; ++i) text.remove_prefix(std::min(text.find(' '), text.size() - 1) + 1);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end == text.data() + text.size() || *end != ' ') return std::nullopt;
    return number;
}

}  // namespace

bool WrittenPages::open() {
    if (way_ != Way::unknown) return way_ != Way::none;
    pagemap_ = Descriptor(::open(("/proc/" + std::to_string(pid_) + "/pagemap").c_str(), O_RDONLY | O_CLOEXEC));
    way_ = pagemap_ ? Way::scan : Way::none;
    const auto nothing = [](std::uint64_t, std::uint64_t) { return true; };
    if (pagemap_ && !scan(kTrampolineBase, kTrampolineBase + wire::kPageSize, nothing)) way_ = Way::read;
    return way_ != Way::none;
}

std::optional<std::uint64_t> WrittenPages::faults() {
    if (!status_) {
        status_ = Descriptor(::open(("/proc/" + std::to_string(pid_) + "/stat").c_str(), O_RDONLY | O_CLOEXEC));
    }
    std::array<char, 512> text{};  // more than what comes up to the fields that are wanted
    const ssize_t length = status_ ? ::pread(status_.get(), text.data(), text.size(), 0) : -1;
    if (length <= 0) return std::nullopt;
    // Behind the name, which is in parentheses and may have any characters.
    const std::string_view all(text.data(), static_cast<std::size_t>(length));
    const std::size_t name_end = all.rfind(')');
    if (name_end == std::string_view::npos) return std::nullopt;
    constexpr unsigned kMinor = 7, kMajor = 9;
    const auto minor = field(all.substr(name_end + 1), kMinor);
    const auto major = field(all.substr(name_end + 1), kMajor);
    if (!minor || !major) return std::nullopt;
    return *minor + *major;
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
