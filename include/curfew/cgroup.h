// A control group of the kernel (cgroup v2) for the cells of a sandbox or of a pool: a second bound of memory, CPU time and
// processes, which the kernel keeps.
//
//   auto proto = curfew::SandboxBuilder()
//                    .with_cgroup({.parent = "/sys/fs/cgroup/system.slice/my.service", .memory_max = 64 << 20})
//                    .build();
//
// A sandbox, or a pool, then has a leaf, which is a folder with the name curfew-PID-N, PID being the host's, in the folder of a
// cgroup that this process may divide. A cell is in its leaf before any code of the guest runs in it. The leaf is removed with the
// sandbox or pool; those that a host left behind, because it was killed, by the next host that makes leaves in the same folder.
// docs/security.md says what a cgroup adds, docs/production.md how a service gets one to divide.
#ifndef CURFEW_CGROUP_H
#define CURFEW_CGROUP_H

#include <curfew/language.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace curfew {

// What cells may use together. What is not set is not limited, and needs no controller.
struct CgroupLimits {
    // Time of the CPU in each period, of all CPUs together: {.quota = 50ms} is half a CPU. When it is used up, the cells
    // stand still until the next period begins. The kernel takes periods of 1 ms to 1 s, and quotas from 1 ms on.
    struct CpuShare {
        std::chrono::microseconds quota;
        std::chrono::microseconds period = std::chrono::milliseconds(100);

        friend bool operator==(const CpuShare&, const CpuShare&) = default;
    };

    // The folder of a cgroup in which leaves may be made, and which has no processes itself if there are limits. Empty: the
    // cgroup of this process if that was delegated to it, else the one above it if that was.
    std::string parent = {};

    // Bytes (memory.max, and no swap), of what the cells' pages take. If the kernel ends a cell for want of memory, the call fails
    // with `cancelled`, by "memory"; a restore repairs the sandbox.
    std::optional<std::uint64_t> memory_max = {};

    std::optional<CpuShare> cpu_max = {};  // cpu.max

    // Processes (pids.max). A cell is one, and cannot make another, so this is a wall behind walls.
    std::optional<std::uint64_t> pids_max = {};

    friend bool operator==(const CgroupLimits&, const CgroupLimits&) = default;
};

}  // namespace curfew

#endif
