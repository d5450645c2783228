// What of a process's memory goes into an image, and how.
#ifndef CURFEW_GUEST_NODE_FROZEN_MEMORY_H
#define CURFEW_GUEST_NODE_FROZEN_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "guest/node/image_writer.h"

namespace curfew::guest {

// The program's own file, mapped once more to be compared with.
struct Program {
    const unsigned char* bytes;
    uint64_t length;
};

// Maps it where nothing of the image lies.
Program open_program();

// So many pages that are zero, or the program's file's own, are a segment of their own; fewer go with the content around them.
inline constexpr size_t kSmallestGap = 256;
inline constexpr size_t kLargestGap = size_t{1} << 20;

// Adds everything that is mapped. False when it takes more segments than there are.
bool write_memory(ImageWriter& writer, const Program& program, size_t gap);

}  // namespace curfew::guest

#endif
