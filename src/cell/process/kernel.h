// What the launcher and a cell that sets itself up need of the kernel's interface: structures that its headers for user
// space lack, or only have beside a C library, and two ways to end.
#ifndef CURFEW_CELL_PROCESS_KERNEL_H
#define CURFEW_CELL_PROCESS_KERNEL_H

#include <stdint.h>
#include <sys/syscall.h>

#include "cell/process/x86_64/system_call.h"

namespace curfew::cell {

struct KernelSigaction {
    uint64_t handler, flags, restorer, mask;
};

struct ResourceLimit {
    uint64_t soft, hard;
};

struct IoVector {
    void* base;
    uint64_t length;
};

struct MessageHeader {
    void* name;
    uint32_t name_length, pad0;
    IoVector* vectors;
    uint64_t vector_count;
    void* control;
    uint64_t control_length;
    uint32_t flags, pad1;
};

// A control message that passes descriptors.
template <int count>
struct Descriptors {
    uint64_t length = 16 + 4 * count;
    int level = 1 /* SOL_SOCKET */, type = 1 /* SCM_RIGHTS */;
    int values[count + count % 2] = {};
};

inline constexpr int kNoSignal = 0x4000;             // MSG_NOSIGNAL
inline constexpr uint32_t kMessageTruncated = 0x08;  // MSG_CTRUNC

// Resources that have a limit, as the kernel numbers them.
enum class Resource : long {
    file_size = 1,
    core = 4,
    processes = 6,
    open_files = 7,
    locked_memory = 8,
    message_queues = 12,
};

// Sets both limits of this process, or less if it has less. The kernel's answer.
inline long limit_resource(Resource resource, uint64_t most) {
    ResourceLimit now{};
    const long got = system_call(SYS_prlimit64, 0, static_cast<long>(resource), 0, address_of(&now));
    if (got < 0) return got;
    const uint64_t limit = now.hard < most ? now.hard : most;
    const ResourceLimit both{limit, limit};
    return system_call(SYS_prlimit64, 0, static_cast<long>(resource), address_of(&both), 0);
}

[[noreturn]] inline void exit_process(int status) {
    for (;;) system_call(SYS_exit_group, status);
}

}  // namespace curfew::cell

#endif
