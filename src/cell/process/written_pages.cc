#include "cell/process/written_pages.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

#include "wire/layout.h"

namespace curfew::cell {

namespace {

// Bits of an entry, from the kernel's Documentation/admin-guide/mm/pagemap.rst.
constexpr std::uint64_t kFileOrShared = 1ULL << 61;
constexpr std::uint64_t kSwapped = 1ULL << 62;
constexpr std::uint64_t kPresent = 1ULL << 63;

bool was_written(std::uint64_t entry) noexcept {
    return (entry & (kPresent | kSwapped)) != 0 && (entry & kFileOrShared) == 0;
}

}  // namespace

bool WrittenPages::each_range(std::uint64_t address, std::uint64_t length,
                              const std::function<bool(std::uint64_t, std::uint64_t)>& visit) noexcept {
    if (!pagemap_ && !missing_) {
        pagemap_ = Descriptor(::open(("/proc/" + std::to_string(pid_) + "/pagemap").c_str(), O_RDONLY | O_CLOEXEC));
        missing_ = !pagemap_;
    }
    if (missing_) return false;
    std::array<std::uint64_t, 512> entries{};
    std::uint64_t run_start = address;
    std::uint64_t run_end = address;  // written pages seen last, not yet visited
    const std::uint64_t end = address + length;
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
