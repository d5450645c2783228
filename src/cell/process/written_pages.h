// Which pages of a cell's memory were written, by the kernel's account: a private page that was written is an anonymous
// one, and /proc/PID/pagemap tells those from pages of a file.
#ifndef CURFEW_CELL_PROCESS_WRITTEN_PAGES_H
#define CURFEW_CELL_PROCESS_WRITTEN_PAGES_H

#include <sys/types.h>

#include <cstdint>
#include <functional>

#include "cell/descriptor.h"

namespace curfew::cell {

class WrittenPages {
  public:
    explicit WrittenPages(pid_t pid) noexcept : pid_(pid) {}

    // Calls `visit(address, length)` for each run of written pages of a private mapping of a file. The process must not
    // run meanwhile. False if that cannot be found out, or as soon as `visit` returns false.
    bool each_range(std::uint64_t address, std::uint64_t length,
                    const std::function<bool(std::uint64_t address, std::uint64_t length)>& visit) noexcept;

  private:
    pid_t pid_;
    Descriptor pagemap_;  // opened when first needed
    bool missing_ = false;
};

}  // namespace curfew::cell

#endif
