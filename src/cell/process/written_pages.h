// Which pages of a cell's memory were written, by the kernel's account: a private page that was written is an anonymous
// one, and /proc/PID/pagemap tells those from pages of a file.
#ifndef CURFEW_CELL_PROCESS_WRITTEN_PAGES_H
#define CURFEW_CELL_PROCESS_WRITTEN_PAGES_H

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>

#include "cell/descriptor.h"

namespace curfew::cell {

class WrittenPages {
  public:
    explicit WrittenPages(pid_t pid) noexcept : pid_(pid) {}

    using Visit = std::function<bool(std::uint64_t address, std::uint64_t length)>;

    // Calls `visit(address, length)` for each run of written pages of private mappings. The process must not run
    // meanwhile. False if that cannot be found out, or as soon as `visit` returns false.
    bool each_range(std::uint64_t address, std::uint64_t length, const Visit& visit);

    // How many page faults the process has had, nothing if that cannot be found out. A page is written for the first time by
    // a page fault, and no other way; so while this stays the same, what was found to be written is all that is. The kernel
    // counts, and the guest cannot change it. The process must not run meanwhile.
    std::optional<std::uint64_t> faults();

    // Whether ranges may be large, and may have holes: the kernel (since 6.7) looks through them itself, and passes by
    // what is not in memory.
    bool of_large_ranges();

  private:
    enum class Way : unsigned char { unknown, scan, read, none };

    bool open();
    bool scan(std::uint64_t address, std::uint64_t end, const Visit& visit);
    bool read(std::uint64_t address, std::uint64_t end, const Visit& visit);

    pid_t pid_;
    Descriptor pagemap_;  // both opened when first needed
    Descriptor status_;
    Way way_ = Way::unknown;
};

}  // namespace curfew::cell

#endif
