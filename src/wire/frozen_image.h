// The file of a frozen image: the memory of an ordinary process, as it was when it had come to the point at which it gives the
// turn to its host, to go on in cells. Written by the process itself, completed and read by the host. A page of header, then the
// content of segments, each in whole pages.
//
// Segments do not overlap and are sorted by address. They lie below 2^47, and touch none of what back end and mailbox have.
//
//   0x40'0000       the program: it is not made to be moved, and lies where it was linked, below 0x800'0000
//   0x10'0000'0000  arena: whatever the program maps
//   0x18'0000'0000  heap of its malloc
//   0x1f'0000'0000  stack, and thread-local storage on top of it
//   0x7fff'....'....  the system's libraries, and the stack that the process was started on
#ifndef CURFEW_WIRE_FROZEN_IMAGE_H
#define CURFEW_WIRE_FROZEN_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "wire/layout.h"

namespace curfew::wire {

inline constexpr char kFrozenMagic[8] = "CURFROZ";
inline constexpr uint32_t kFrozenLayout = 1;
inline constexpr uint32_t kMaxFrozenSegments = 96;

inline constexpr uint64_t kFrozenProgramLimit = 0x8000000;  // the program ends below
inline constexpr uint64_t kFrozenArenaBase = 0x1000000000;
inline constexpr uint64_t kFrozenArenaSize = 0x400000000;
inline constexpr uint64_t kFrozenHeapBase = 0x1800000000;
inline constexpr uint64_t kFrozenHeapSize = 0x400000000;
inline constexpr uint64_t kFrozenStackBase = 0x1f00000000;
inline constexpr uint64_t kFrozenStackSize = 0x4000000;
inline constexpr uint64_t kFrozenAddressLimit = 0x7ffffffff000;

// Where nothing of a frozen process may lie, since back ends keep what they reset memory from there.
inline constexpr uint64_t kFrozenForbiddenBase = 0x2000000000;
inline constexpr uint64_t kFrozenForbiddenLimit = 0x8000000000;

// Of what a cell may use beyond what was in use at the freeze, so much more than the heap's size is mapped: address space that
// engines reserve without using it, and room in which an engine finds out that memory has run out.
inline constexpr uint64_t kFrozenSlack = 64 << 20;

enum class FrozenSource : uint32_t {
    zero,     // no content; the pages are zero
    image,    // this file
    program,  // the program's own file
};

struct FrozenSegment {
    uint64_t address;
    uint64_t length;
    uint64_t offset;  // in the source's file
    FrozenSource source;
    uint32_t protection;  // PROT_*
    uint32_t grows;       // 1: of no content, and mapped only as far as the cell's heap size and the slack go
    uint32_t pad;
};

struct FrozenHeader {
    char magic[8];
    uint32_t layout;
    uint32_t segment_count;
    uint64_t file_length;
    uint64_t program_length;  // of the program's file, in bytes
    uint64_t instruction;     // where a cell goes on
    uint64_t stack_pointer;
    uint64_t fs_base;

    // Where a system call that the cell may not make goes on: as a jump there from behind the call's instruction, whose address
    // is in %rcx, with all other registers as the call had them. Never zero.
    uint64_t call_entry;

    // Filled in by the host: what the image was made of, and the checksum of all the rest of the file.
    uint8_t key[32];
    uint64_t checksum;

    FrozenSegment segments[kMaxFrozenSegments];
};

static_assert(sizeof(FrozenHeader) <= kPageSize);
static_assert(kFrozenProgramLimit < kBackEndBase);
static_assert(kFrozenArenaBase + kFrozenArenaSize <= kFrozenHeapBase);
static_assert(kFrozenHeapBase + kFrozenHeapSize <= kFrozenStackBase);
static_assert(kFrozenStackBase + kFrozenStackSize <= kFrozenForbiddenBase);

}  // namespace curfew::wire

#endif
