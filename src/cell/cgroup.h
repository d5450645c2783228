// A leaf in the kernel's tree of control groups (cgroup v2), for cells; see curfew/cgroup.h.
#ifndef CURFEW_CELL_CGROUP_H
#define CURFEW_CELL_CGROUP_H

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <curfew/cgroup.h>
#include <curfew/error.h>

#include "cell/descriptor.h"

namespace curfew::cell {

// Removes its folder in the end, when the cells in it are gone; in a forked child it does nothing. Thread-safe.
//
// While it lives its folder is locked (flock), so that others can tell by the lock whether its host is dead, whichever way it
// ended and whatever it is called where they are: what is not locked, and has no processes, they remove.
class Cgroup {
  public:
    // The folder in which leaves can be made under such limits, as an absolute path: limits.parent, or the one that is found for
    // it. Has the kernel offer the controllers there. Fails with `invalid_argument` for limits that make no sense, with
    // `unavailable` where there can be no such leaf; the message says what to do.
    static Result<std::string> find_parent(const CgroupLimits& limits);

    // A new leaf. limits.parent comes of find_parent(). Also looks for leaves of dead hosts there, with the first leaf of this
    // process and now and then.
    static Result<std::shared_ptr<Cgroup>> make(const CgroupLimits& limits);

    // What `folder` has become a leaf by, with limits: for tests, whose folders need not be the kernel's.
    static Result<std::shared_ptr<Cgroup>> adopt(Descriptor folder, std::string path, const CgroupLimits& limits);

    Cgroup(Descriptor folder, std::string path, const CgroupLimits& limits);
    Cgroup(const Cgroup&) = delete;
    Cgroup& operator=(const Cgroup&) = delete;
    ~Cgroup();

    // Moves a process here.
    Result<void> add(pid_t process);

    // Whether the kernel has ended a process here for want of memory that this was not said of before.
    bool take_oom_kill() noexcept;

    // "64 MiB", or "not limited".
    std::string memory_text() const;

    const std::string& path() const noexcept { return path_; }

  private:
    const std::uint64_t forks_;
    const Descriptor folder_;
    const std::string path_;
    const std::optional<std::uint64_t> memory_max_;
    std::atomic<std::uint64_t> oom_kills_told_ = 0;
};

// What this machine offers to CgroupLimits that name no parent.
struct CgroupOffer {
    bool complete;       // leaves, with all limits
    std::string detail;  // for people
};

CgroupOffer look_at_cgroups();

}  // namespace curfew::cell

#endif
