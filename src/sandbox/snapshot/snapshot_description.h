// What a snapshot's file says before the memory itself: the part between the header and the pages.
#ifndef CURFEW_SANDBOX_SNAPSHOT_DESCRIPTION_H
#define CURFEW_SANDBOX_SNAPSHOT_DESCRIPTION_H

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <curfew/error.h>

#include "sandbox/config.h"

namespace curfew::sandbox {

// Bytes of the state's memory file, from one page's beginning to another's.
struct PageRun {
    std::uint64_t offset;
    std::uint64_t length;
};

// What a description is of.
struct Description {
    SavedState state;                           // without memory
    std::shared_ptr<cell::MemoryImage> memory;  // without its file; null if the state has none
    std::uint64_t size;                         // of that file
    std::vector<PageRun> runs;                  // what of it is not zero
    std::uint64_t length_of_runs;               // of all of them
};

// Fails as image_of() does, where the state has no memory.
Result<std::string> describe(const SavedState& state, const std::vector<PageRun>& runs);

// Fails with `invalid_argument`, and the reason as a part of a sentence, if the bytes are not what describe() of this
// build writes.
Result<Description> parse_description(std::string_view bytes);

}  // namespace curfew::sandbox

#endif
