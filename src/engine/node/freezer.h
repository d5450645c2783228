// Makes an image of Node.js: starts its program in an ordinary process, with our library in it, which boots Node.js, warms it, and
// writes the process's memory down.
#ifndef CURFEW_ENGINE_NODE_FREEZER_H
#define CURFEW_ENGINE_NODE_FREEZER_H

#include <chrono>

#include <curfew/error.h>

namespace curfew::engine {

struct FreezeRequest {
    // Descriptor of bin/node, open for reading. Nobody changes the file.
    int program = -1;

    // Of an empty file, open for reading and writing: becomes what wire/frozen_image.h states, but for the key and the checksum. On
    // failure its content is of no use.
    int image = -1;

    // V8 makes no machine code, and no page of the image is writable and executable.
    bool jitless = false;

    std::chrono::milliseconds time_limit = std::chrono::minutes(1);
};

// Runs nothing but the program and our library: no script of a tenant. Blocks; thread-safe. Fails with `unavailable` if the
// program cannot be started here or did not get ready in time, and with `internal` if what it became cannot be frozen (a thread, a
// descriptor or an open handle was left); the message says what, with what the program had to say.
[[nodiscard]] Result<void> freeze(const FreezeRequest& request);

}  // namespace curfew::engine

#endif
