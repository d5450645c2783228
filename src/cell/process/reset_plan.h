// What has to be done to a cell's memory so that it is again as the image says: an exact list if the kernel tells which
// pages were written, and else one that covers all.
//
// Pages that were written get their content back by copying: from the read-only mapping of the saved state, or from a page
// of zeros. Dropping them would be as right, and their memory would be free; but then each costs a page fault when it is
// next written, several times what copying it costs. What one large invocation wrote should not be copied for ever,
// though: now and then a plan that is not small drops all, and the next one shows what is really in use.
//
// Looking through memory for what was written costs more than copying it back. So a plan remembers what it found, and the
// next one takes that, unless the process has had a page fault since.
#ifndef CURFEW_CELL_PROCESS_RESET_PLAN_H
#define CURFEW_CELL_PROCESS_RESET_PLAN_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "cell/memory_image.h"
#include "cell/process/shared/handshake_words.h"
#include "cell/process/written_pages.h"

namespace curfew::cell {

class ResetPlan {
  public:
    // Plans a reset of a cell that is not running. Not more than `most` steps.
    void make(const MemoryImage& image, WrittenPages& written, std::size_t most);

    // Plans one that drops all of the guest's memory, be it written, read or never touched: the plan is the same each time,
    // and afterwards every page costs the same again.
    void make_whole(const MemoryImage& image);

    std::span<const ResetStep> steps() const noexcept { return steps_; }

    // Whether the process may have had a page fault since the plan before: only then can it use pages that it had not.
    bool after_faults() const noexcept { return after_faults_; }

    // So little to do that it may be counted as the next invocation's.
    bool small() const noexcept;

  private:
    bool list_written(const MemoryImage& image, WrittenPages& written, std::size_t most);
    bool look(const MemoryImage& image, WrittenPages& written, std::size_t most);
    void list_all(const MemoryImage& image, WrittenPages& written, std::size_t most);
    void restore(const MemoryImage& image, std::uint64_t address, std::uint64_t end);
    void clear(std::uint64_t address, std::uint64_t end);
    void drop(std::uint64_t address, std::uint64_t length);
    void review();

    struct Run {
        std::uint64_t address, length;
    };

    std::vector<ResetStep> steps_;
    std::vector<Run> runs_;                // of written pages, as found when they were last looked for
    std::optional<std::uint64_t> faults_;  // that the process had had then; nothing: look for them again
    bool after_faults_ = true;
    bool drops_ = false;         // the last plan dropped something, so page faults follow
    bool exact_ = false;         // the steps name just what was written
    std::uint64_t written_ = 0;  // bytes, if exact

    // When to drop all: after so many plans that were not small, less often if it turns out to be of no use.
    unsigned interval_ = 16;
    unsigned large_plans_ = 0;
    std::uint64_t written_before_drop_ = 0;  // of the plan before; 0: it did not drop all
};

}  // namespace curfew::cell

#endif
