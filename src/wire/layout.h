// The layout of a cell's address space. The guest is linked, the launcher maps and the host checks by these numbers,
// and they stand only here. The header is also read by the assembler.
//
//   0x1000'0000  the back end's own; its first byte is the hypercall's entry (r-x)
//   0x1004'0000  mailbox: the only memory that host and guest share (rw-)
//   0x1008'0000  image: text (r-x), read-only data (r--), data and zeroed data (rw-)
//   0x2007'f000  thread area, where the FS base points; the stack grows down from there
//   0x2010'0000  heap (rw-), as large as the host says
//
// Nothing is mapped between and around these, but for what a back end needs above the largest heap. The image lies below
// 2 GiB, so that guests compile with the small code model, as programs do. What every cell touches lies close together,
// since each 2 MiB in use cost a page table, and page tables are a good part of what starting a cell costs.
#ifndef CURFEW_WIRE_LAYOUT_H
#define CURFEW_WIRE_LAYOUT_H

#define CURFEW_PAGE_SIZE 0x1000
#define CURFEW_IMAGE_BASE 0x10080000
#define CURFEW_IMAGE_LIMIT 0x18000000
#define CURFEW_STACK_TOP 0x20080000
#define CURFEW_STACK_LIMIT 0x4000000
#define CURFEW_THREAD_AREA 0x2007f000
#define CURFEW_MAILBOX_BASE 0x10040000
#define CURFEW_WINDOW_BASE 0x10041000
#define CURFEW_WINDOW_SIZE 0x10000
#define CURFEW_BACK_END_BASE 0x10000000
#define CURFEW_BACK_END_SIZE 0x40000
#define CURFEW_HEAP_BASE 0x20100000
#define CURFEW_HEAP_LIMIT 0x1000000000

#if !defined(__ASSEMBLER__) && !defined(CURFEW_LINKER_SCRIPT)

#include <stdint.h>

namespace curfew::wire {

inline constexpr uint64_t kPageSize = CURFEW_PAGE_SIZE;
inline constexpr uint64_t kImageBase = CURFEW_IMAGE_BASE;
inline constexpr uint64_t kImageLimit = CURFEW_IMAGE_LIMIT;  // no image reaches beyond this address
inline constexpr uint64_t kStackTop = CURFEW_STACK_TOP;
inline constexpr uint64_t kThreadArea = CURFEW_THREAD_AREA;    // the stack region's last page
inline constexpr uint64_t kMaxStackSize = CURFEW_STACK_LIMIT;  // largest stack, in bytes
inline constexpr uint64_t kMailboxBase = CURFEW_MAILBOX_BASE;
inline constexpr uint64_t kWindowBase = CURFEW_WINDOW_BASE;
inline constexpr uint64_t kWindowSize = CURFEW_WINDOW_SIZE;
inline constexpr uint64_t kMailboxSize = kWindowBase + kWindowSize - kMailboxBase;
inline constexpr uint64_t kBackEndBase = CURFEW_BACK_END_BASE;
inline constexpr uint64_t kBackEndSize = CURFEW_BACK_END_SIZE;
inline constexpr uint64_t kHypercallEntry = kBackEndBase;  // see wire::Hypercall
inline constexpr uint64_t kHeapBase = CURFEW_HEAP_BASE;
inline constexpr uint64_t kMaxHeapSize = CURFEW_HEAP_LIMIT;  // largest heap, in bytes
inline constexpr uint64_t kMinHeapSize = 512 << 10;          // smallest heap that the guest starts on, in bytes

static_assert(kBackEndBase + kBackEndSize <= kMailboxBase && kMailboxBase + kMailboxSize < kImageBase);
static_assert(kImageLimit < kStackTop - kMaxStackSize && kThreadArea == kStackTop - kPageSize);
static_assert(kStackTop < kHeapBase && kImageLimit < 0x80000000);

}  // namespace curfew::wire

#endif
#endif
