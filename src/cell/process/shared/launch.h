// What the spawner asks of the launcher, over a SOCK_SEQPACKET socket. Shared by host code and the launcher, which has
// no C library; both trust each other.
#ifndef CURFEW_CELL_PROCESS_SHARED_LAUNCH_H
#define CURFEW_CELL_PROCESS_SHARED_LAUNCH_H

#include "wire/layout.h"

// Descriptors of the launcher from its start on.
#define CURFEW_LAUNCHER_SOCKET 0
#define CURFEW_LAUNCHER_HOST 1  // the host's pidfd: readable when the host is dead

// The signal that interrupts a cell. A real-time signal, since those are queued with their value, the ticket.
#define CURFEW_CELL_SIGNAL 40

#define CURFEW_LAUNCH_STEP_SIGNALS 4
#define CURFEW_LAUNCH_STEP_UNMAP 7

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

namespace curfew::cell {

enum class Source : uint32_t { anonymous, image, program, state, mailbox };

// Descriptors that come with a request: the files of image, program, state and mailbox, of which some may be the same.
inline constexpr int kLaunchFiles = 4;

// A piece of the cell's address space, in whole pages. Private, but for the mailbox.
struct Mapping {
    uint64_t address;
    uint64_t length;
    uint64_t offset;  // in the source's file
    Source source;
    uint32_t protection;  // PROT_*
};

struct Range {
    uint64_t address;
    uint64_t length;
};

inline constexpr uint32_t kMaxMappings = 292;
inline constexpr uint32_t kMaxHotRanges = 32;

// The first thing that the launcher receives.
struct LaunchSettings {
    uint64_t capabilities;  // those that the host uses: its effective ones
};

enum class LaunchKind : uint32_t {
    spawn,  // comes with kLaunchFiles descriptors; answered
    kill,   // ends a cell; not answered
    reap,   // ends a cell if it still lives, and lets its pid be used again; not answered
};

struct LaunchRequest {
    LaunchKind kind;
    int32_t pid;  // kill, reap: whom
    uint32_t mapping_count;
    uint32_t hot_count;
    uint64_t instruction;  // where the guest starts or goes on; 0: after its hypercall
    uint64_t stack_pointer;
    uint64_t fs_base;
    uint64_t call_entry;  // where a forbidden system call goes on; 0: it ends the cell
    bool coarse_time;     // as CellOptions has them
    bool leaves_nothing;
    bool branch_barrier;
    Range hot[kMaxHotRanges];        // will be written soon: given pages of their own now, all at once
    Mapping mappings[kMaxMappings];  // only those that are there are sent

    // What is sent of it.
    uint64_t length() const { return offsetof(LaunchRequest, mappings) + mapping_count * sizeof(Mapping); }
};

// What the launcher, or a cell in it, was doing when it could not go on, for messages. Of a cell it stands in
// Fault::system_call, with the errno in Fault::code and zero in Fault::signal.
enum class LaunchStep : uint32_t {
    none,
    parent_death,
    map,
    protect,
    signals = CURFEW_LAUNCH_STEP_SIGNALS,
    robust_list,
    close,
    unmap = CURFEW_LAUNCH_STEP_UNMAP,
    privileges,
    time_stamps,
    seccomp,
    core_dumps,
    large_pages,
    page_merging,
    capabilities,
    resource_limits,
    branch_barrier,
};

// What `error` is when the launcher had no descriptors left, but has now: ask again.
inline constexpr int32_t kAskAgain = -1;

// The first one comes unasked, when the launcher is ready or cannot go on, with the launcher's own pid. Those to `spawn`
// come with one descriptor, the cell's pidfd, if error is zero.
struct LaunchReply {
    int32_t error;  // errno
    int32_t pid;
    LaunchStep step;
};

}  // namespace curfew::cell

#endif
#endif
