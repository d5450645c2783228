// What guests may reach of their host, and under which limits they run if a call names no others.
#ifndef CURFEW_SANDBOX_ENVIRONMENT_H
#define CURFEW_SANDBOX_ENVIRONMENT_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <curfew/cgroup.h>
#include <curfew/monitor/any_monitor.h>
#include <curfew/sandbox.h>

#include "cell/cgroup.h"
#include "sandbox/event_source.h"
#include "sandbox/host/host_functions.h"
#include "sandbox/modules/module_resolver.h"

namespace curfew::sandbox {

// Shared, unchanged, by a sandbox, its snapshots, and the sandboxes that start from those.
struct Environment {
    PrintFunction print = {};
    CallTrace call_trace = {};
    ContextPrintFunction context_print = {};  // at most one of both
    HostThread host_thread = HostThread::kept;
    std::shared_ptr<const HostFunctions> functions = {};  // none: no host modules
    std::uint64_t host_argument_limit = SandboxBuilder::kDefaultHostArgumentLimit;
    std::size_t open_host_calls = SandboxBuilder::kDefaultOpenHostCalls;
    std::shared_ptr<const ModuleResolver> modules = {};  // none: no files can be imported
    std::vector<AnyMonitor> default_monitors = {};
    std::shared_ptr<const ObserverList> observers = {};
    std::optional<CgroupLimits> cgroup_limits = {};  // each sandbox has a leaf of its own with these
    std::shared_ptr<cell::Cgroup> cgroup = {};       // but if there is one for all of them
};

// The same, with a leaf for all its sandboxes, or none.
inline std::shared_ptr<const Environment> with_cgroup(const Environment& environment,
                                                      std::shared_ptr<cell::Cgroup> cgroup) {
    auto other = std::make_shared<Environment>(environment);
    other->cgroup = std::move(cgroup);
    return other;
}

}  // namespace curfew::sandbox

#endif
