// What guests may reach of their host, and under which limits they run if a call names no others.
#ifndef CURFEW_SANDBOX_ENVIRONMENT_H
#define CURFEW_SANDBOX_ENVIRONMENT_H

#include <cstdint>
#include <memory>
#include <vector>

#include <curfew/monitor/any_monitor.h>
#include <curfew/sandbox.h>

#include "sandbox/event_source.h"
#include "sandbox/host/host_functions.h"
#include "sandbox/modules/module_resolver.h"

namespace curfew::sandbox {

// Shared, unchanged, by a sandbox, its snapshots, and the sandboxes that start from those.
struct Environment {
    PrintFunction print = {};
    std::shared_ptr<const HostFunctions> functions = {};  // none: no host modules
    std::uint64_t host_argument_limit = SandboxBuilder::kDefaultHostArgumentLimit;
    std::shared_ptr<const ModuleResolver> modules = {};  // none: no files can be imported
    std::vector<AnyMonitor> default_monitors = {};
    std::shared_ptr<const ObserverList> observers = {};
};

}  // namespace curfew::sandbox

#endif
