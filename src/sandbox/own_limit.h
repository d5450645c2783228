// Limits that a sandbox has itself, under whichever monitors. They end an invocation as monitors do.
#ifndef CURFEW_SANDBOX_OWN_LIMIT_H
#define CURFEW_SANDBOX_OWN_LIMIT_H

#include <cstdint>
#include <string>
#include <string_view>

#include <curfew/monitor/observer.h>
#include <curfew/monitor/supervise.h>

#include "cell/cgroup.h"

namespace curfew::sandbox {

struct OwnLimit {
    std::string_view name;  // as in Error::terminated_by
    std::string limit;      // "16 MiB"
    std::string who;        // "the sandbox's limit on printing (16 MiB)"
    std::string advice;     // whole sentences
};

OwnLimit output_limit(std::uint64_t bytes);

// Of memory: the kernel has ended the cell.
OwnLimit cgroup_limit(const cell::Cgroup& cgroup);

// Makes the verdict that of an invocation which the limit ended, and tells of it. `handler`: empty while scripts are loaded.
void end_by(const OwnLimit& limit, std::string_view handler, Verdict& verdict, MonitorObserver* observer);

}  // namespace curfew::sandbox

#endif
