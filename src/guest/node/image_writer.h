// The file of a frozen image, piece by piece.
#ifndef CURFEW_GUEST_NODE_IMAGE_WRITER_H
#define CURFEW_GUEST_NODE_IMAGE_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "wire/frozen_image.h"

namespace curfew::guest {

// Ends the process, which is neither in a cell nor can it go on, with a message.
[[noreturn]] __attribute__((format(printf, 1, 2))) void stop_freezing(const char* format, ...);

class ImageWriter {
  public:
    explicit ImageWriter(int file) : file_(file) {}

    // Forgets all that was added.
    void start();

    // Add the next piece; its address is greater than the last one's. Neighbours become one segment where they can. False when there are
    // too many.
    bool add_zeros(uint64_t address, uint64_t length, uint32_t protection, bool grows);
    bool add_program(uint64_t address, uint64_t length, uint32_t protection, uint64_t offset);
    bool add_content(uint64_t address, uint64_t length, uint32_t protection, const void* content);

    struct Start {
        uint64_t program_length;
        uint64_t instruction;
        uint64_t stack_pointer;
        uint64_t fs_base;
        uint64_t call_entry;
    };
    void finish(const Start& start);

  private:
    bool add(const wire::FrozenSegment& segment);
    bool joins(const wire::FrozenSegment& last, const wire::FrozenSegment& next) const;
    void write(const void* from, uint64_t length, uint64_t offset) const;

    int file_;
    uint64_t end_ = 0;
    wire::FrozenHeader header_{};
};

}  // namespace curfew::guest

#endif
